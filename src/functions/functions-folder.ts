/**
 * Which keys of a modules map lie in the functions folder, and where in it (functions.md 2.1, 2.2).
 * Works on keys alone. What a file in the folder is: `module-path.ts`.
 */
import { hasSourceExtension, type ModuleNaming } from "./module-path";

/** Keys that say where they start (`./`, `../`, `/`, `file:`, `C:`), as bundlers write them. */
const ANCHORED = /^(?:\.{0,2}\/|[A-Za-z]+:)/;
const GENERATED = /(?:^|\/)_generated\//;
const NESTED_CONFIG = /\/convex\.config(?:\.[cm]?[jt]sx?)?$/;

/**
 * The functions folder as the keys spell it, ending in `/`: what comes before `_generated/` in the
 * first key that has it, else the longest directory all anchored keys share; `""` if keys start
 * inside the folder. Packages have no say, unless everything is in one.
 */
export function detectRoot(keys: readonly string[]): string {
  const all = keys.map(withSlashes);
  const own = all.filter((path) => !path.includes("node_modules/"));
  const paths = own.length === 0 ? all : own;
  const generated = paths.find((path) => GENERATED.test(path));
  if (generated !== undefined) return generated.slice(0, generated.indexOf("_generated/"));
  return commonDirectory(paths.filter((path) => ANCHORED.test(path)));
}

/** `root` as keys would spell it. */
export function asDirectory(root: string): string {
  const path = withSlashes(root);
  return path === "" || path.endsWith("/") ? path : `${path}/`;
}

/**
 * Paths inside the folder, each with the key it comes from. Keys outside are left out, and so are
 * folders with a `convex.config` of their own: Convex deploys those as components.
 */
export function filesUnder(
  root: string,
  keys: readonly string[],
  naming: ModuleNaming = "convex",
): Map<string, string> {
  const files = new Map<string, string>();
  for (const key of keys) {
    const path = withSlashes(key);
    const isModulePath = !ANCHORED.test(path) && !hasSourceExtension(path);
    if (isModulePath) files.set(path, key);
    else if (path.startsWith(root)) files.set(path.slice(root.length), key);
  }
  if (naming === "any") return files;
  for (const component of nestedComponents(files.keys())) {
    for (const file of files.keys()) if (file.startsWith(component)) files.delete(file);
  }
  return files;
}

function nestedComponents(files: Iterable<string>): string[] {
  return [...files]
    .filter((file) => NESTED_CONFIG.test(file))
    .map((file) => file.slice(0, file.lastIndexOf("/") + 1));
}

function commonDirectory(paths: readonly string[]): string {
  const [first = "", ...others] = paths;
  let directory = parentDirectory(first);
  for (const path of others) {
    while (!path.startsWith(directory)) directory = parentDirectory(directory.slice(0, -1));
  }
  return directory;
}

function parentDirectory(path: string): string {
  return path.slice(0, path.lastIndexOf("/") + 1);
}

function withSlashes(path: string): string {
  return path.replaceAll("\\", "/");
}
