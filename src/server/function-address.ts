/**
 * What a reference names, at run time. Every form authors can hold ends here: typed references,
 * component references, plain names, handles. Both fronts (`convex` and Invex) share the two symbols.
 */

import { userError } from "../shared/errors";
import { textOf } from "../shared/text-of";
import type { FunctionReference, FunctionReference_future } from "./function-reference";

/** Where a reference keeps the name of its function, `"dir/module:export"`. */
export const functionName = Symbol.for("functionName");

/** Where a reference into a component keeps its path, `"_reference/childComponent/…"`. */
export const toReferencePath = Symbol.for("toReferencePath");

/** Exactly one of: a name in this component, a path through components, a handle. */
export type FunctionAddress =
  | { name: string; reference?: never; functionHandle?: never }
  | { reference: string; name?: never; functionHandle?: never }
  | { functionHandle: string; name?: never; reference?: never };

/** Whether a string is a function handle rather than a name. */
export function isFunctionHandle(text: string): boolean {
  return text.startsWith("function://");
}

/**
 * What `reference` names.
 *
 * @param reference - a typed reference, a component reference, a name, or a handle.
 * @throws `… is not a functionReference` for anything else.
 *
 * @example
 * getFunctionAddress(api.messages.list); // { name: "messages:list" }
 * getFunctionAddress("function://abc;def"); // { functionHandle: "function://abc;def" }
 */
export function getFunctionAddress(reference: unknown): FunctionAddress {
  if (typeof reference === "string") {
    return isFunctionHandle(reference) ? { functionHandle: reference } : { name: reference };
  }
  const name = readSymbol(reference, functionName);
  if (name) return { name };
  const path = readSymbol(reference, toReferencePath);
  if (path) return { reference: path };
  throw notAReference(reference);
}

/**
 * The name a reference carries: `"dir/module:export"`, without the export for a default one.
 *
 * @throws if it names nothing, or a function of another component.
 *
 * @example
 * getFunctionName(api.admin.users.list); // "admin/users:list"
 */
export function getFunctionName(
  // biome-ignore lint/suspicious/noExplicitAny: references of every kind have a name
  functionReference: FunctionReference<any, any> | FunctionReference_future<any, any>,
): string {
  const address = getFunctionAddress(functionReference);
  if (address.name !== undefined) return address.name;
  if (address.functionHandle !== undefined) {
    throw userError(
      "ArgumentsInvalid",
      `Expected function reference like "api.file.func" or "internal.file.func", but received function handle ${address.functionHandle}`,
    );
  }
  throw userError(
    "ArgumentsInvalid",
    `Expected function reference in the current component like "api.file.func" or "internal.file.func", but received reference ${address.reference}`,
  );
}

function readSymbol(holder: unknown, symbol: symbol): string | undefined {
  if (holder === null || holder === undefined) return undefined;
  const value: unknown = (holder as Record<symbol, unknown>)[symbol];
  return typeof value === "string" ? value : undefined;
}

function notAReference(value: unknown): Error {
  const message = isRegistered(value)
    ? 'A registered function is not a functionReference: give its reference, such as backend.api.messages.send, or its path, such as "messages:send".'
    : `${textOf(value)} is not a functionReference`;
  return userError("ArgumentsInvalid", message);
}

/** What `query({ … })` and the like return. Its text, of no use to anybody, is that of a wrapper. */
function isRegistered(value: unknown): boolean {
  if (typeof value !== "function") return false;
  return "isQuery" in value || "isMutation" in value || "isAction" in value;
}
