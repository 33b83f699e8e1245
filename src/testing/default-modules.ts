/**
 * The modules of a suite that names none: the project's `convex` folder. Vite's own map of it where
 * Vite compiles this file; else what is found in the working directory, imported by the test runner.
 */
import { modulesFrom } from "../functions/modules-from";
import { InvexError } from "../shared/errors";
import type { TestModules } from "./test-modules";

const FOLDER = "convex";

/** What Vite puts where `import.meta.glob(…)` stands. */
type GlobMeta = ImportMeta & { glob(pattern: string): Record<string, () => Promise<unknown>> };

/** @throws InvexError `ModuleInvalid` when there is no such folder */
export function defaultModules(): TestModules {
  const bundled = viteModules();
  if (bundled !== undefined && Object.keys(bundled).length > 0) return bundled;
  try {
    return isVitest() ? modulesFrom(FOLDER, importByVitest) : modulesFrom(FOLDER);
  } catch (cause) {
    const message =
      'convexTest() was given no modules and found no `convex` folder in the project\'s root. Pass them: `convexTest({ schema, modules: import.meta.glob("./convex/**/*.*s") })`, or `modulesFrom("./convex")` outside Vite.';
    throw new InvexError("ModuleInvalid", message, { cause });
  }
}

function isVitest(): boolean {
  return "__vitest_worker__" in globalThis;
}

/** As a test file imports it: compiled, and what it imports mocked where the test says so. */
async function importByVitest(path: string): Promise<unknown> {
  const { vi } = await import("vitest");
  return vi.importActual(path);
}

function viteModules(): TestModules | undefined {
  try {
    return (import.meta as GlobMeta).glob("/convex/**/*.*s");
  } catch {
    // No Vite: `import.meta` has no such method.
    return undefined;
  }
}
