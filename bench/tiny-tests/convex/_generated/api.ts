// What `convex codegen` writes for untyped use.
import { anyApi } from "convex/server";

export const api = anyApi;
