/** Functions as the report `functions` lists them. */
import type { ValidatorJSON } from "../../values/validator-json";

export interface FunctionInfo {
  readonly path: string;
  readonly kind: "query" | "mutation" | "action" | "httpAction";
  readonly visibility: "public" | "internal";
  readonly args: ValidatorJSON;
  readonly returns?: ValidatorJSON;
}

export interface ComponentFunctions {
  /** Path of the component; "" is the app. */
  readonly component: string;
  readonly functions: readonly FunctionInfo[];
  /** Why they cannot be listed. */
  readonly error?: string;
}

export interface FunctionChoice {
  readonly component: string;
  readonly fn: FunctionInfo;
}

/** As URLs name it. */
export function functionKey({ component, fn }: FunctionChoice): string {
  return component === "" ? fn.path : `${component}/${fn.path}`;
}

export const KIND_LETTERS = { query: "Q", mutation: "M", action: "A", httpAction: "H" } as const;
