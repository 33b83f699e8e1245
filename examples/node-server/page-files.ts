// The built page, read once: what GET answers before the backend is asked. Only files that were
// there at the start can be named, so no path leads out of the folder.

import { readdir, readFile } from "node:fs/promises";
import type { ServerResponse } from "node:http";
import { extname, join, relative, sep } from "node:path";

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
};

export class PageFiles {
  readonly #files: ReadonlyMap<string, { readonly type: string; readonly body: Buffer }>;

  private constructor(files: ReadonlyMap<string, { type: string; body: Buffer }>) {
    this.#files = files;
  }

  /** Everything below `folder`; `index.html` answers for `/`. */
  static async read(folder: string): Promise<PageFiles> {
    const files = new Map<string, { type: string; body: Buffer }>();
    for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const file = join(entry.parentPath, entry.name);
      const path = `/${relative(folder, file).replaceAll(sep, "/")}`;
      const type = TYPES[extname(file)] ?? "application/octet-stream";
      files.set(path === "/index.html" ? "/" : path, { type, body: await readFile(file) });
    }
    return new PageFiles(files);
  }

  /** Answers if the page has a file of this path. Vite names all others by their content. */
  answer(method: string | undefined, path: string, response: ServerResponse): boolean {
    const file = this.#files.get(path);
    if (file === undefined || (method !== "GET" && method !== "HEAD")) return false;
    response.writeHead(200, {
      "Content-Type": file.type,
      "Content-Length": file.body.length,
      "Cache-Control": path === "/" ? "no-cache" : "max-age=31536000, immutable",
    });
    response.end(method === "HEAD" ? undefined : file.body);
    return true;
  }
}
