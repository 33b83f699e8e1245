/**
 * The folders of components among the keys of a modules map: each has a `convex.config` of its own,
 * in the functions folder or beside it, as in `node_modules/@convex-dev/x/dist/component`.
 * Works on keys alone; what a config says is `components/`'s business.
 */
import type { Modules } from "./module-map";

const CONFIG = /(?:^|\/)convex\.config(?:\.(?:js|mjs|cjs|ts|tsx|mts|cts|jsx))?$/;

/**
 * The part of the map that belongs to each component, by folder (ending in `/`). Inner folders come
 * before outer ones and packages before the app's own, so that a component precedes those that
 * install it, as far as folders tell; else the map's order counts.
 *
 * @param root the app's own functions folder, which is no component
 */
export function componentFolders(modules: Modules, root: string): Map<string, Modules> {
  const keys = Object.keys(modules);
  const folders = keys
    .filter((key) => CONFIG.test(key.replaceAll("\\", "/")))
    .map((key) => directoryOf(key.replaceAll("\\", "/")))
    .filter((folder) => folder !== root)
    .sort((a, b) => packages(b) - packages(a) || depth(b) - depth(a));
  const found = new Map<string, Record<string, Modules[string]>>();
  for (const folder of folders) found.set(folder, {});
  for (const key of keys) {
    const folder = innermost(folders, key.replaceAll("\\", "/"));
    const value = modules[key];
    if (folder !== undefined && value !== undefined) found.get(folder)![key] = value;
  }
  return found;
}

function innermost(folders: readonly string[], key: string): string | undefined {
  let found: string | undefined;
  for (const folder of folders) {
    if (key.startsWith(folder) && folder.length > (found?.length ?? -1)) found = folder;
  }
  return found;
}

function directoryOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/") + 1);
}

/** How many packages `path` lies in. */
function packages(path: string): number {
  return path.split("node_modules/").length - 1;
}

function depth(path: string): number {
  return path.split("/").length;
}
