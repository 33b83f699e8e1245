// Registered functions for tests of arguments and results, without a backend.

import { mutationGeneric } from "convex/server";
import { ModuleMap } from "../../../src/functions/module-map";
import type { RegisteredFunction } from "../../../src/functions/registered-function";
import { FunctionRegistry } from "../../../src/functions/registry";
import type { IdResolver } from "../../../src/values/id-resolver";

/** Knows ids of the form `<table>/<anything>`. */
const ids: IdResolver = {
  tableOf(id) {
    const table = id.split("/")[0];
    return id.includes("/") && table !== undefined ? { table } : undefined;
  },
};

/** The function `dir/m:f` with these validators (of either front, or none). */
export function functionWith(
  validators: { args?: unknown; returns?: unknown } = {},
): RegisteredFunction {
  const f = mutationGeneric({ ...validators, handler: () => null } as never);
  const registry = new FunctionRegistry({ modules: new ModuleMap({ "dir/m": { f } }), ids });
  return registry.lookup("dir/m:f", "mutation", "function") as RegisteredFunction;
}

/** The error `run` throws, or a failed test. */
export function thrownBy(run: () => unknown): Error & { code?: string } {
  try {
    run();
  } catch (error) {
    return error as Error;
  }
  throw new Error("nothing was thrown");
}

/** An array in an array in an array …, `levels` deep. */
export function nested(levels: number): unknown {
  return levels === 0 ? 0 : [nested(levels - 1)];
}
