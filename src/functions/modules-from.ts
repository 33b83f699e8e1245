/**
 * A modules map for Node, Bun and Deno without a bundler: the files of a folder, each imported when
 * it is first needed. Under Vite (vitest) prefer `import.meta.glob`, which knows about reloads.
 *
 * Touches the file system only when called, and gets at it through `process`, so that a bundle for
 * the browser or a Worker that contains this file still builds and loads.
 */
import { InvexError, userError } from "../shared/errors";
import type { Modules } from "./module-map";
import { hasSourceExtension } from "./module-path";

/** The parts of `node:fs`, `node:path` and `node:url` this file uses. */
interface Host {
  readonly fs: typeof import("node:fs");
  readonly path: typeof import("node:path");
  readonly url: typeof import("node:url");
}

const NOT_SOURCES = new Set(["node_modules", "_generated"]);

/**
 * The modules of a folder. Reads the directory tree at once and imports nothing.
 *
 * TypeScript files need a runtime that runs TypeScript: start Node with `--import tsx`, or use
 * Bun or Deno. Node's own type stripping wants imports with extensions, which Convex code lacks.
 *
 * @param directory the functions folder: a path (relative to the working directory) or a file URL.
 * @param load imports the file at an absolute path. Default: the runtime's own `import()`.
 * @throws InvexError `NotSupported` where there is no file system, `ModuleInvalid` if the folder
 * cannot be read.
 * @example
 * ```ts
 * const backend = createBackend({ modules: modulesFrom(new URL("./convex/", import.meta.url)) });
 * ```
 */
export function modulesFrom(
  directory: string | URL,
  load: (path: string) => Promise<unknown> = importPath,
): Modules {
  const host = getHost();
  const root = directory instanceof URL ? host.url.fileURLToPath(directory) : directory;
  const absolute = host.path.resolve(root);
  const modules: Record<string, () => Promise<unknown>> = {};
  for (const file of sourceFiles(host, absolute)) {
    const path = host.path.join(absolute, file);
    modules[file] = () => load(path);
  }
  return modules;
}

/** Paths of source files below `directory`, relative to it, with `/`, sorted. */
function sourceFiles(host: Host, directory: string): string[] {
  const files: string[] = [];
  const pending = [""];
  for (let folder = pending.pop(); folder !== undefined; folder = pending.pop()) {
    for (const entry of readDirectory(host, host.path.join(directory, folder))) {
      if (NOT_SOURCES.has(entry.name) || entry.name.startsWith(".")) continue;
      if (entry.isDirectory()) pending.push(`${folder}${entry.name}/`);
      else if (hasSourceExtension(entry.name)) files.push(folder + entry.name);
    }
  }
  return files.sort();
}

function readDirectory({ fs }: Host, directory: string) {
  try {
    return fs.readdirSync(directory, { withFileTypes: true });
  } catch (cause) {
    const message = `The modules folder "${directory}" cannot be read: ${(cause as Error).message}`;
    throw new InvexError("ModuleInvalid", message, { fields: { directory }, cause });
  }
}

async function importPath(path: string): Promise<unknown> {
  const url = getHost().url.pathToFileURL(path).href;
  try {
    return await import(/* @vite-ignore */ /* webpackIgnore: true */ url);
  } catch (cause) {
    throw wantsLoader(path, cause) ? loaderMissing(path, cause) : cause;
  }
}

/** Node without a loader: either it knows no TypeScript, or not how Convex code writes imports. */
function wantsLoader(path: string, cause: unknown): boolean {
  const code = (cause as { code?: unknown } | null)?.code;
  if (code === "ERR_UNKNOWN_FILE_EXTENSION") return true;
  return code === "ERR_MODULE_NOT_FOUND" && /\.[cm]?tsx?$/.test(path);
}

function loaderMissing(path: string, cause: unknown): InvexError {
  const message = `this runtime cannot import "${path}" by itself. Start Node with \`--import tsx\`, or use a bundler's map such as \`import.meta.glob\`. (${(cause as Error).message})`;
  return new InvexError("ModuleInvalid", message, { fields: { path }, cause });
}

function getHost(): Host {
  const { process } = globalThis as { process?: Pick<NodeJS.Process, "getBuiltinModule"> };
  if (typeof process?.getBuiltinModule !== "function") {
    throw userError(
      "NotSupported",
      "modulesFrom() needs a file system: Node 20.16 or newer, Bun or Deno. Elsewhere pass a modules map, such as one of `import.meta.glob`.",
    );
  }
  return {
    fs: process.getBuiltinModule("node:fs"),
    path: process.getBuiltinModule("node:path"),
    url: process.getBuiltinModule("node:url"),
  };
}
