/** A function that an address has been resolved to. */
import type { FunctionPath } from "./function-path";

export interface FunctionTarget {
  /** Path of the component instance; "" is the app. */
  readonly component: string;
  readonly path: FunctionPath;
  /** Named from outside its component, where only public functions are seen. */
  readonly isExport?: true;
}

/** As error texts name it. */
export function inComponent(component: string): string {
  return component === "" ? "" : ` in '${component}'`;
}
