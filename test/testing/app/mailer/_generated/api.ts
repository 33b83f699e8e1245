/** As `convex codegen` would write it. */
export { anyApi as api } from "convex/server";
