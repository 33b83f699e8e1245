// A backend for tests of components: a manual clock, a seed, and functions called by name.

import type { Backend, BackendOptions } from "invex";
import { createBackend, manualClock } from "invex";
import type { FunctionReference } from "invex/server";
import { componentsGeneric } from "invex/server";

// biome-ignore lint/suspicious/noExplicitAny: functions are called by name here, so nothing is known of their values
export type Untyped = any;

/** The handle as a JavaScript caller sees it: names or references, and plain values. */
export interface UntypedBackend extends Omit<Backend, "query" | "mutation" | "action" | "run"> {
  query(reference: unknown, args?: unknown): Promise<Untyped>;
  mutation(reference: unknown, args?: unknown): Promise<Untyped>;
  action(reference: unknown, args?: unknown): Promise<Untyped>;
  run<T>(handler: (ctx: Untyped) => T | Promise<T>): Promise<T>;
  fork(): UntypedBackend;
  withIdentity(identity: object): UntypedBackend;
  subscribe(
    reference: unknown,
    args: unknown,
    onResult: (value: Untyped) => void,
    onError?: (error: Error) => void,
  ): () => void;
}

export function startBackend(
  modules: BackendOptions["modules"],
  options: Omit<Partial<BackendOptions>, "modules"> = {},
): UntypedBackend {
  const clock = options.clock ?? manualClock("2026-01-01T00:00:00Z");
  // Silent: components report what they do.
  const quiet = { seed: "components", onLog: () => {} };
  return createBackend({ ...quiet, ...options, modules, clock }) as unknown as UntypedBackend;
}

/** `components.<name>.<module>.<function>`, as generated code has it, but untyped. */
export const components = componentsGeneric() as Record<string, Untyped>;

/** The functions of module "m" as the types of published components want references. */
export function reference<Type extends "query" | "mutation" | "action">(
  name: string,
): FunctionReference<Type, "internal"> {
  return { [Symbol.for("functionName")]: `m:${name}` } as unknown as FunctionReference<
    Type,
    "internal"
  >;
}
