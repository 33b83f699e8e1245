// The packed package under compilers, bundlers and other runtimes. Each is a folder with files, what
// is installed, and commands of which the last must say `says`, if given.
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";

const program = (name) => readFileSync(new URL(`./programs/${name}.txt`, import.meta.url), "utf8");
const says = /all is well/;

function tsconfig(module, moduleResolution) {
  const compilerOptions = {
    module,
    moduleResolution,
    target: "es2022",
    types: ["node"],
    outDir: "out",
  };
  // Declarations are checked as well: ours, and those of what we depend on.
  return JSON.stringify({
    compilerOptions: { ...compilerOptions, strict: true, skipLibCheck: false },
    files: ["main.ts"],
  });
}

const forTypeScript = ["@types/better-sqlite3@7", "@types/node@20", "vitest@4"];

function typescript(version, type, module, moduleResolution) {
  return {
    type,
    install: [`typescript@${version}`, ...forTypeScript],
    files: { "main.ts": program("node"), "tsconfig.json": tsconfig(module, moduleResolution) },
    commands: [
      ["npx", "tsc"],
      ["node", "out/main.js"],
    ],
    says,
  };
}

function runtime(name, command) {
  return {
    type: "module",
    install: [name],
    files: { "main.mjs": program("portable") },
    commands: [command],
    says,
  };
}

function esbuild(format, file) {
  const bundle = ["npx", "esbuild", "main.ts", "--bundle", "--platform=node", "--external:vitest"];
  return {
    type: "module",
    install: ["esbuild@0.25", "vitest@4"],
    files: { "main.ts": program("node") },
    commands: [
      [...bundle, `--format=${format}`, `--outfile=${file}`],
      ["node", file],
    ],
    says,
  };
}

const html =
  '<!doctype html><link rel="icon" href="data:,"><script type="module" src="/main.js"></script>';

export const builds = {
  "ts-bundler": typescript("5.9", "module", "esnext", "bundler"),
  "ts-nodenext-esm": typescript("5.9", "module", "nodenext", "nodenext"),
  "ts-nodenext-cjs": typescript("5.9", "commonjs", "nodenext", "nodenext"),
  "ts7-bundler": typescript("7", "module", "esnext", "bundler"),
  "ts7-nodenext": typescript("7", "module", "nodenext", "nodenext"),
  "esbuild-esm": esbuild("esm", "out.mjs"),
  "esbuild-cjs": esbuild("cjs", "out.cjs"),
  "bun-sqlite": runtime("bun@1", ["npx", "bun", "main.mjs"]),
  "deno-sqlite": runtime("deno@2", ["npx", "deno", "run", "-A", "main.mjs"]),
  "vite-page": {
    type: "module",
    install: ["vite@8"],
    files: { "main.js": program("page"), "index.html": html },
    commands: [["npx", "vite", "build"]],
    says: /built in/,
    after: (folder) => opensIn(folder, "dist"),
  },
  "esbuild-page": {
    type: "module",
    install: ["esbuild@0.25"],
    files: { "main.ts": program("page"), "page/index.html": html },
    commands: [
      [
        "npx",
        "esbuild",
        "main.ts",
        "--bundle",
        "--format=esm",
        "--minify",
        "--splitting",
        "--outdir=page",
      ],
    ],
    after: (folder) => opensIn(folder, "page"),
  },
};

const types = { ".js": "text/javascript", ".html": "text/html" };

/** The page adds a note at each visit, and finds those of the visits before. */
async function opensIn(folder, site) {
  const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
  if (!existsSync(executablePath)) return `built, but NOT opened: there is no ${executablePath}`;
  const { chromium } = await import("playwright-core");
  const server = createServer((request, response) => {
    const path = join(folder, site, request.url === "/" ? "index.html" : request.url);
    if (!existsSync(path)) return response.writeHead(404).end();
    response.setHeader("Content-Type", types[/\.\w+$/.exec(path)?.[0]] ?? "text/plain");
    response.end(readFileSync(path));
  }).listen(0, "127.0.0.1");
  const browser = await chromium.launch({ executablePath, args: ["--headless", "--no-sandbox"] });
  try {
    const page = await browser.newPage();
    const problems = [];
    page.on("pageerror", (error) => problems.push(String(error)));
    for (const visit of [1, 2]) {
      await page.goto(`http://127.0.0.1:${server.address().port}/`);
      await page
        .waitForFunction((title) => document.title === title, `${visit} notes`)
        .catch((error) => {
          throw new Error(`the page says "${problems.join()}": ${error.message}`);
        });
    }
  } finally {
    await browser.close();
    server.close();
  }
  return undefined;
}
