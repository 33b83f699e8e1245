/**
 * References into components: proxies that spell out `_reference/childComponent/<name>/<dir>/<mod>/<fn>`.
 * Like `anyApi` they know no functions, only paths.
 */

import { userError } from "../shared/errors";
import { toReferencePath } from "./function-address";
import type { AnyFunctionReference } from "./function-reference";

type AnyNode = { [key: string]: AnyNode } & AnyFunctionReference;

/** References into one component, untyped. */
export type AnyComponentReference = Record<string, AnyNode>;

/** References into components by name, untyped. */
export type AnyChildComponents = Record<string, AnyComponentReference>;

/** The older name of {@link AnyChildComponents}. */
export type AnyComponents = AnyChildComponents;

/**
 * References into the child components of the component this code is in.
 *
 * @example
 * const components = componentsGeneric();
 * await ctx.runMutation(components.counter.lib.add, { name: "visits" });
 */
export const componentsGeneric = (): AnyChildComponents =>
  referenceTree([], (path) => {
    if (path.length > 0) return childReference(path);
    throw userError(
      "ArgumentsInvalid",
      "API path is expected to be of the form `components.childComponent.functionName`. Found: `components`",
    );
  }) as AnyChildComponents;

/** References to the exports of an installed component. */
export function componentExports(name: string): object {
  return referenceTree([], (path) => childReference([name, ...path]));
}

/** The reference path of a child component, or of something in it. */
export function childReference(path: readonly string[]): string {
  return `_reference/childComponent/${path.join("/")}`;
}

/** A reference to the running system function, in another component. Internal to Convex. */
export function currentSystemUdfInComponent(componentId: string): object {
  return { [toReferencePath]: `_reference/currentSystemUdfInComponent/${componentId}` };
}

function referenceTree(
  path: readonly string[],
  referenceOf: (path: readonly string[]) => string,
): object {
  return new Proxy(
    {},
    {
      get(_target, key) {
        if (typeof key === "string") return referenceTree([...path, key], referenceOf);
        return key === toReferencePath ? referenceOf(path) : undefined;
      },
    },
  );
}
