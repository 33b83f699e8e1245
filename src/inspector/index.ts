/** `invex/inspector`: a page that looks into a running backend. */
export { inspector } from "./inspector";
export type { InspectorHandler, InspectorOptions } from "./options";
