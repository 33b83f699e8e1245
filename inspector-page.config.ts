// Makes the inspector's page: what is below src/inspector/page, with the libraries it uses, as one
// document in src/inspector/page-bundle.js. Whoever builds Invex or runs it from its sources calls
// this first: tsup, vitest (as a global setup), `npm run page`.

import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

/** Packages whose code the page holds. */
export const inlinedInPage = ["convex", "preact"];

const folder = fileURLToPath(new URL("src/inspector/", import.meta.url));

/** As vitest calls it. */
export async function setup(): Promise<void> {
  const { script, style } = await bundle();
  const page = {
    html: documentOf(script, style),
    scriptHash: hashOf(script),
    styleHash: hashOf(style),
  };
  const text = `// Made by inspector-page.config.ts.\nexport const page = ${JSON.stringify(page)};\n`;
  const file = `${folder}page-bundle.js`;
  // Others may be reading it.
  if (!existsSync(file) || readFileSync(file, "utf8") !== text) writeFileSync(file, text);
}

async function bundle(): Promise<{ script: string; style: string }> {
  const { outputFiles } = await build({
    entryPoints: { script: `${folder}page/main.tsx`, style: `${folder}page/page.css` },
    bundle: true,
    minify: true,
    write: false,
    outdir: folder,
    format: "iife",
    target: "es2022",
    charset: "utf8",
    jsx: "automatic",
    jsxImportSource: "preact",
    define: { "process.env.NODE_ENV": '"production"' },
    legalComments: "none",
    logLevel: "warning",
  });
  const textOf = (end: string) => outputFiles.find(({ path }) => path.endsWith(end))?.text ?? "";
  return { script: textOf("script.js"), style: textOf("style.css") };
}

function documentOf(script: string, style: string): string {
  if (/<\/script|<!--/i.test(script) || /<\/style/i.test(style)) {
    throw new Error("The page's code holds what would end the tag it is in.");
  }
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover">
<meta name="color-scheme" content="light dark">
<title>Invex inspector</title>
<link rel="icon" href="${ICON}">
<style>${style}</style>
</head>
<body>
<div id="app"></div>
<noscript>The inspector needs JavaScript.</noscript>
<script>${script}</script>
</body>
</html>
`;
}

const ICON = `data:image/svg+xml,${encodeURIComponent(
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="#3b5bdb"/><circle cx="14" cy="14" r="6" fill="none" stroke="#fff" stroke-width="3"/><path d="m19 19 6 6" stroke="#fff" stroke-width="3" stroke-linecap="round"/></svg>',
)}`;

function hashOf(text: string): string {
  return `sha256-${createHash("sha256").update(text).digest("base64")}`;
}

// Called by name: `tsx inspector-page.config.ts`.
if (process.argv[1] === fileURLToPath(import.meta.url)) await setup();
