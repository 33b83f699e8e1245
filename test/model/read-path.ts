// A dotted path followed the naive way.

import type { Value } from "../../src/values/value";

/** The value at `path`; missing wherever the path leaves the objects. */
export function readPath(document: object, path: string): Value | undefined {
  let value: unknown = document;
  for (const step of path.split(".")) {
    const isObject: boolean = (value as object | null | undefined)?.constructor === Object;
    value = isObject ? (value as Record<string, unknown>)[step] : undefined;
  }
  return value as Value | undefined;
}
