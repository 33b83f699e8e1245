// The built page for a browser, with the stand-in for its preload script.

import { readdir, readFile } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { extname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";

const FOLDER = fileURLToPath(new URL("../dist/page", import.meta.url));
const PRELOAD = fileURLToPath(new URL("./preload.js", import.meta.url));

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
};

export interface PageFiles {
  answer(request: IncomingMessage, response: ServerResponse): void;
}

/** Everything is read now: only files that are there can be named. */
export async function readPage(): Promise<PageFiles> {
  const files = new Map([["/preload.js", await readFile(PRELOAD)]]);
  for (const entry of await readdir(FOLDER, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath, entry.name);
    files.set(`/${relative(FOLDER, file).replaceAll(sep, "/")}`, await readFile(file));
  }
  const html = String(files.get("/index.html"));
  const script = '<head><script src="/preload.js"></script>';
  files.set("/index.html", Buffer.from(html.replace("<head>", script)));
  return {
    answer: (request, response) => {
      const path = request.url === "/" ? "/index.html" : (request.url ?? "");
      const body = files.get(path);
      response.writeHead(body === undefined ? 404 : 200, { "Content-Type": TYPES[extname(path)] });
      response.end(body);
    },
  };
}
