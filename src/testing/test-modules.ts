/**
 * The modules of the app or component under test. Every source file counts, unlike in a deployed
 * backend: tests define functions too. Those that configure a backend are not read as such.
 */
import { ModuleMap, type Modules } from "../functions/module-map";

/** A map of modules as `import.meta.glob` makes it; loaded ones will do. */
export type TestModules = Readonly<Record<string, object | (() => Promise<unknown>)>>;

/** @throws InvexError `ModuleInvalid` */
export function testModules(modules: TestModules): ModuleMap {
  const root = rootOf(Object.keys(modules));
  return new ModuleMap(modules as Modules, { root, naming: "any" });
}

/** What comes before `_generated` in the first key that has it; `undefined` when none has. */
function rootOf(keys: readonly string[]): string | undefined {
  const generated = keys.find((key) => key.includes("_generated"));
  return generated?.slice(0, generated.indexOf("_generated"));
}
