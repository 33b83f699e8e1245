/**
 * Names of modules: from a file in the functions folder to the path Convex knows it by
 * (functions.md 2.2, 2.3). A module path is the file's path inside the folder without its source
 * extension: `admin/users.ts` is `admin/users`; Convex's own texts add `.js`.
 * Which keys of a map lie in the folder at all is `module-map.ts`'s business.
 */

/** Modules that are found by name. `http` and `crons` may hold functions like any other module. */
export type SpecialModule = "schema" | "http" | "crons" | "auth.config" | "convex.config";

/**
 * Which files are modules of functions: `convex`, those that Convex would deploy; `any`, every
 * source file, tests among them, so that tests may define functions.
 */
export type ModuleNaming = "convex" | "any";

/** What a file of the functions folder is to the backend. */
export type ModuleRole =
  | { readonly role: "functions"; readonly path: string }
  | { readonly role: "configuration"; readonly path: SpecialModule }
  | { readonly role: "ignored" };

const IGNORED: ModuleRole = { role: "ignored" };
const SOURCE_EXTENSION = /\.(?:js|mjs|cjs|ts|tsx|mts|cts|jsx)$/;
const DECLARATION_FILE = /\.d\.[cm]?ts$/;
/** Read by the backend itself; never a place of functions. */
const CONFIGURATION = new Set<string>(["schema", "auth.config", "convex.config"]);
const MAX_SEGMENT_LENGTH = 64;

/** Whether `path` ends in one of the eight extensions Convex bundles. */
export function hasSourceExtension(path: string): boolean {
  return SOURCE_EXTENSION.test(path);
}

/**
 * Says what the file at `file` is.
 *
 * @param file its path inside the functions folder, with `/` between segments; the extension may be
 * missing, as in hand-written maps.
 * @example
 * ```ts
 * moduleRole("admin/users.ts"); // => { role: "functions", path: "admin/users" }
 * moduleRole("auth.config.ts"); // => { role: "configuration", path: "auth.config" }
 * moduleRole("users.test.ts"); // => { role: "ignored" }
 * ```
 */
export function moduleRole(file: string, naming: ModuleNaming = "convex"): ModuleRole {
  if (DECLARATION_FILE.test(file)) return IGNORED;
  const path = file.replace(SOURCE_EXTENSION, "");
  if (CONFIGURATION.has(path)) return { role: "configuration", path: path as SpecialModule };
  const isFunctions = naming === "convex" ? isEntryPoint(path) : isSource(file, path);
  return isFunctions ? { role: "functions", path } : IGNORED;
}

function isSource(file: string, path: string): boolean {
  return (path !== file || !/\.[a-z]+$/.test(file)) && !path.startsWith("_generated/");
}

/** What Convex's bundler would deploy as a module of functions; `path` has lost its extension. */
function isEntryPoint(path: string): boolean {
  const name = path.slice(path.lastIndexOf("/") + 1);
  if (path.startsWith("_generated/") || path.includes(" ")) return false;
  if (name === "" || name === "schema" || name.startsWith("#")) return false;
  return !name.includes(".");
}

/**
 * Says what is wrong with `path` as a module path, in Convex's words, or nothing.
 * `path` carries no extension; the texts name its last segment with the `.js` Convex gives it.
 */
export function modulePathProblem(path: string): string | undefined {
  const [last = "", ...directories] = path.split("/").reverse();
  for (const segment of directories.reverse()) {
    const problem = segmentProblem(segment);
    if (problem !== undefined) return problem;
  }
  if (/\.[^.]+$/.test(last)) return `Module path (${path}) has an extension that isn't 'js'.`;
  return segmentProblem(`${last}.js`);
}

function segmentProblem(segment: string): string | undefined {
  if (segment.length > MAX_SEGMENT_LENGTH) {
    return `Path component is too long (${segment.length} > maximum ${MAX_SEGMENT_LENGTH}).`;
  }
  if (!/^[A-Za-z0-9_.]*$/.test(segment)) {
    return `Path component ${segment} can only contain alphanumeric characters, underscores, or periods.`;
  }
  if (!/[A-Za-z0-9]/.test(segment.replace(/\.js$/, ""))) {
    return `Path component ${segment} must have at least one alphanumeric character.`;
  }
  return undefined;
}
