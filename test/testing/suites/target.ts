/** What a suite runs on: convex-test itself, or `invex/testing` in its place. */

import type { FunctionReference } from "convex/server";
import type { convexTest } from "convex-test";

export interface Target {
  readonly name: "convex-test" | "invex";
  readonly convexTest: typeof convexTest;
}

/**
 * A case where the mock is wrong: it runs on Invex only.
 * @param _fact what a deployed backend does, and where that is written down
 */
export function onlyRight({ name }: Target, _fact: string): boolean {
  return name === "invex";
}

/** A function by its name, where the types want a reference. */
export function named(path: string) {
  // biome-ignore lint/suspicious/noExplicitAny: of any kind and visibility, for any arguments
  return path as unknown as FunctionReference<any, any>;
}
