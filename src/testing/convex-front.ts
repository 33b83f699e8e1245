/**
 * Makes what `ctx.db.vars.commitTs` gives an instance of the `convex` package's own class too, which
 * its `getConvexSize` and `compareValues` ask for. The package is not imported: a mutation built with
 * the project's generated builders is given the package's own ctx, and hands it over.
 */
import { commitTsPlaceholder } from "../values/commit-ts";
import type { TestModules } from "./test-modules";

const GENERATED_SERVER = /(?:^|\/)_generated\/server(?:\.[cm]?[jt]s)?$/;

const known = new WeakMap<object, Promise<void>>();

/** Loads the generated builders, if the map has them. Once per map's loader. */
export function adoptConvexFront(modules: TestModules): Promise<void> | undefined {
  const key = Object.keys(modules).find((path) => GENERATED_SERVER.test(path));
  const load = key === undefined ? undefined : modules[key];
  if (load === undefined) return undefined;
  let adoption = known.get(load);
  if (adoption === undefined) {
    adoption = adopt(load).catch(() => {});
    known.set(load, adoption);
  }
  return adoption;
}

async function adopt(load: object): Promise<void> {
  const namespace = typeof load === "function" ? await load() : load;
  let placeholder: object | undefined;
  const probe = namespace.internalMutation({
    handler: (ctx: { db: { vars: { commitTs: object } } }) => {
      placeholder = ctx.db.vars.commitTs;
      return null;
    },
  });
  await probe.invokeMutation("[{}]");
  if (placeholder !== undefined) inherit(Object.getPrototypeOf(placeholder));
}

function inherit(prototype: object): void {
  const own = Object.getPrototypeOf(commitTsPlaceholder);
  const isFirst = Object.getPrototypeOf(own) === Object.prototype;
  if (isFirst && !Object.prototype.isPrototypeOf.call(own, prototype) && own !== prototype) {
    Object.setPrototypeOf(own, prototype);
  }
}
