/**
 * Holds the shape of `src/`: which layer may import which, what may be imported at all, where time
 * and randomness come from, how large a file may be. Reads the sources with the TypeScript parser;
 * judges what is written, not what runs. The rules in words: `test/spec/architecture.md`.
 */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { describe, expect, it } from "vitest";
import { inlinedInPage } from "../inspector-page.config";
import { inlined } from "../tsup.config";

const root = fileURLToPath(new URL("..", import.meta.url));
const sourceFolder = join(root, "src");

/** Layers from the bottom up; those of one line are siblings and do not know each other. */
const layers: readonly (readonly string[])[] = [
  ["shared"],
  ["values"],
  ["server"],
  ["db"],
  ["reactivity", "scheduler", "storage", "auth", "persistence"],
  ["components"],
  ["functions"],
  ["http", "sync", "explain", "snapshot"],
  ["backend"],
  // Faces of the whole engine for one purpose: package entries of their own, beside `index.ts`.
  ["testing", "durable-object", "inspector"],
  ["index"],
];

/** Where the outside world may be touched, by the name of what is touched. */
const ports: readonly { readonly files: RegExp; readonly globals: readonly string[] | "all" }[] = [
  {
    files: /^shared\/.*(clock|random)/,
    globals: ["Date", "setTimeout", "clearTimeout", "setImmediate", "crypto", "performance"],
  },
  // Replaces these very globals inside functions.
  { files: /^functions\/sandbox\//, globals: "all" },
  { files: /^functions\/.*logs?\b/, globals: ["console"] },
  // Lets the mock's users see their own process and console.
  { files: /^testing\/test-process\.ts$/, globals: ["process", "console"] },
  // The one way to the file system that bundles for browsers can hold.
  { files: /^functions\/modules-from\.ts$/, globals: ["process"] },
  // Functions under test share these with the process that tests them.
  { files: /^testing\/test-process\.ts$/, globals: ["console", "process"] },
  // A page in a browser, which is nobody's engine: it tells time to people and asks now and then.
  { files: /^inspector\/page\//, globals: ["Date", "setInterval", "clearInterval", "performance"] },
  // Warns an author who calls a function without the engine.
  { files: /^server\/registration\.ts$/, globals: ["console"] },
];

/** Node's own modules that the engine may ask for, and where. Everything else runs anywhere. */
const nodeModules: Readonly<Record<string, RegExp>> = {
  "node:async_hooks": /^functions\//,
};

const longestFile = 500;

/** Files that may be longer, each with the reason and its own limit. */
const longFiles: Readonly<Record<string, { readonly limit: number; readonly reason: string }>> = {
  "values/validator.ts": { limit: 560, reason: "the family of validator classes, one per kind" },
};

interface Import {
  readonly specifier: string;
  readonly line: number;
  /** False for what the compiler erases. */
  readonly value: boolean;
  /** The imported file relative to `src/`; undefined for packages. */
  readonly target: string | undefined;
}

interface Source {
  /** Relative to `src/`, with `/`. */
  readonly path: string;
  readonly text: string;
  readonly tree: ts.SourceFile;
  readonly imports: readonly Import[];
}

const sources = filesBelow(sourceFolder).map(readSource);

describe("architecture", () => {
  it("[ARC1] imports go from higher layers to lower ones", () => {
    expect(
      importProblems((from, to) => (to.level > from.level ? "a higher layer" : undefined)),
    ).toEqual([]);
  });

  it("[ARC2] layers side by side do not import each other", () => {
    expect(
      importProblems((from, to) =>
        to.level === from.level && to.layer !== from.layer ? "a sibling layer" : undefined,
      ),
    ).toEqual([]);
  });

  it("[ARC1] every file of src belongs to a layer", () => {
    expect(sources.map(({ path }) => path).filter((path) => levelOf(path) === -1)).toEqual([]);
  });

  it("[ARC3] nobody imports an index file", () => {
    const found = eachImport(
      ({ target }) => target !== undefined && basename(target) === "index.ts",
    );
    expect(found).toEqual([]);
  });

  it("[ARC4] value imports form no cycle", () => {
    expect(valueCycles()).toEqual([]);
  });

  it("[ARC5] only runtime dependencies are imported, zod as zod/mini, convex never", () => {
    const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
    const allowed = new Set([...Object.keys(manifest.dependencies), ...inlined]);
    const found = eachImport(({ specifier, target, value }, path) => {
      if (target !== undefined || specifier.startsWith(".")) return false;
      if (specifier.startsWith("node:"))
        return value && !(nodeModules[specifier]?.test(path) ?? false);
      if (specifier === "zod") return true;
      // The platform itself, for the one class that has to extend its own.
      if (specifier === "cloudflare:workers") return path !== "durable-object/durable-backend.ts";
      // An optional peer: matchers are vitest's, and so is its way to import what Vite compiles.
      if (specifier === "vitest") return !/^testing\/(matchers|default-modules)\.ts$/.test(path);
      // The page holds what it uses: none of it is imported by the package.
      const isInPage = path.startsWith("inspector/page/");
      if (isInPage && inlinedInPage.includes(packageOf(specifier))) return false;
      return !allowed.has(packageOf(specifier)) || packageOf(specifier) === "convex";
    });
    expect(found).toEqual([]);
  });

  it("[ARC5] nothing takes zod's whole core along with one function of it", () => {
    // `z.core` is a namespace as a value, which no bundler can shake: 100 kB gzip.
    const found = sources.filter(({ text }) => /\bz\.core\./.test(text));
    expect(found.map(({ path }) => path)).toEqual([]);
  });

  it("[ARC5] every relative import names a file that exists, without its extension", () => {
    const found = eachImport(
      ({ specifier, target }) =>
        specifier.startsWith(".") && (target === undefined || /\.[cm]?[jt]s$/.test(specifier)),
    );
    expect(found).toEqual([]);
  });

  it("[ARC6] time, randomness, timers and the console are touched in ports only", () => {
    expect(sources.flatMap(ambientUses)).toEqual([]);
  });

  it("[ARC7] every suppressed lint rule has a reason, and any is a lint error", () => {
    const rules = JSON.parse(readFileSync(join(root, "biome.json"), "utf8")).linter.rules;
    expect(rules.suspicious.noExplicitAny).toBe("error");
    expect(sources.flatMap(bareSuppressions)).toEqual([]);
  });

  it("[ARC8] files stay small", () => {
    const found = sources.flatMap(({ path, text }) => {
      const lines = text.split("\n").length - 1;
      const limit = longFiles[path]?.limit ?? longestFile;
      return lines > limit ? [`${path}: ${lines} lines, at most ${limit}`] : [];
    });
    expect(found).toEqual([]);
  });

  it("[ARC8] a file that may be long still needs to be", () => {
    const lengths = new Map(sources.map(({ path, text }) => [path, text.split("\n").length - 1]));
    const needless = Object.keys(longFiles).filter(
      (path) => (lengths.get(path) ?? 0) <= longestFile,
    );
    expect(needless).toEqual([]);
  });

  it("[ARC9] files are named in kebab-case and open by saying what they are", () => {
    const found = sources.flatMap(({ path, text }) => {
      const named = path
        .split("/")
        .every((part) => /^[a-z0-9]+(-[a-z0-9]+)*((\.d)?\.tsx?)?$/.test(part));
      const opens = /^(#!.*\n)?(\/\*\*|\/\/|\/\*)/.test(text);
      return [
        ...(named ? [] : [`${path}: not kebab-case`]),
        ...(opens ? [] : [`${path}: no opening comment`]),
      ];
    });
    expect(found).toEqual([]);
  });
});

describe("the architecture test itself", () => {
  it("[ARC1] sees imports of every form", () => {
    const text = [
      'import a from "./a";',
      'import type { B } from "./b";',
      'import { type C } from "./c";',
      'export { d } from "./d";',
      'export type { E } from "./e";',
      'const f = import("./f");',
      'type G = import("./g").G;',
      'import "./h";',
    ].join("\n");
    const found = importsOf(
      "x/y.ts",
      ts.createSourceFile("y.ts", text, ts.ScriptTarget.Latest, true),
    );
    expect(found.map(({ specifier, value }) => `${specifier} ${value ? "value" : "type"}`)).toEqual(
      [
        "./a value",
        "./b type",
        "./c type",
        "./d value",
        "./e type",
        "./f value",
        "./g type",
        "./h value",
      ],
    );
  });

  it("[ARC6] tells uses of a global from names that look like it", () => {
    const text = [
      "interface Host { setTimeout: number; now(): number }",
      "const host: Host = { setTimeout: 1, now: () => 2 };",
      "host.setTimeout; host.now();",
      "/* Date.now() */ const s = 'Math.random()';",
      "new Date(5); Math.floor(1);",
      "Date.now(); new Date(); Math.random(); setTimeout(() => {}, 1); console.log(1);",
      "globalThis.setTimeout; performance.now(); crypto.randomUUID();",
    ].join("\n");
    const tree = ts.createSourceFile("z.ts", text, ts.ScriptTarget.Latest, true);
    const found = ambientUses({ path: "db/z.ts", text, tree, imports: [] });
    expect(found.map((use) => use.replace(/^.*: /, ""))).toEqual([
      "Date.now",
      "new Date()",
      "Math.random",
      "setTimeout",
      "console",
      "setTimeout",
      "performance.now",
      "crypto",
    ]);
  });
});

// ---- reading -------------------------------------------------------------------------------------

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return filesBelow(path);
      return entry.name.endsWith(".ts") || entry.name.endsWith(".tsx") ? [path] : [];
    })
    .sort();
}

function readSource(file: string): Source {
  const path = relative(sourceFolder, file).replaceAll("\\", "/");
  const text = readFileSync(file, "utf8");
  const tree = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  return { path, text, tree, imports: importsOf(path, tree) };
}

function importsOf(path: string, tree: ts.SourceFile): Import[] {
  const found: Import[] = [];
  const add = (node: ts.Node, specifier: ts.Node | undefined, value: boolean) => {
    if (specifier === undefined || !ts.isStringLiteral(specifier)) return;
    const line = tree.getLineAndCharacterOfPosition(node.getStart(tree)).line + 1;
    found.push({ specifier: specifier.text, line, value, target: resolved(path, specifier.text) });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node))
      add(node, node.moduleSpecifier, importsValues(node.importClause));
    else if (ts.isExportDeclaration(node)) add(node, node.moduleSpecifier, exportsValues(node));
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
      add(node, node.argument.literal, false);
    } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      add(node, node.arguments[0], true);
    }
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return found;
}

function importsValues(clause: ts.ImportClause | undefined): boolean {
  if (clause === undefined) return true;
  if (clause.isTypeOnly) return false;
  if (clause.name !== undefined || clause.namedBindings === undefined) return true;
  if (ts.isNamespaceImport(clause.namedBindings)) return true;
  return clause.namedBindings.elements.some((element) => !element.isTypeOnly);
}

function exportsValues(node: ts.ExportDeclaration): boolean {
  if (node.isTypeOnly) return false;
  if (node.exportClause === undefined || !ts.isNamedExports(node.exportClause)) return true;
  return node.exportClause.elements.some((element) => !element.isTypeOnly);
}

function resolved(path: string, specifier: string): string | undefined {
  if (!specifier.startsWith(".")) return undefined;
  const base = join(dirname(path), specifier).replaceAll("\\", "/");
  return [`${base}.ts`, `${base}.tsx`, `${base}.d.ts`, `${base}/index.ts`, base].find(
    (candidate) => /\.tsx?$/.test(candidate) && existsSync(join(sourceFolder, candidate)),
  );
}

function packageOf(specifier: string): string {
  const parts = specifier.split("/");
  return specifier.startsWith("@") ? parts.slice(0, 2).join("/") : (parts[0] ?? "");
}

// ---- judging -------------------------------------------------------------------------------------

interface Place {
  readonly layer: string;
  readonly level: number;
}

function layerOf(path: string): string {
  // `backend.ts` is the layer `backend`, with or without a folder beside it.
  return (path.split("/")[0] ?? path).replace(/\.ts$/, "");
}

function levelOf(path: string): number {
  return layers.findIndex((line) => line.includes(layerOf(path)));
}

function placeOf(path: string): Place {
  return { layer: layerOf(path), level: levelOf(path) };
}

function eachImport(guilty: (found: Import, path: string) => boolean): string[] {
  return sources.flatMap(({ path, imports }) =>
    imports
      .filter((found) => guilty(found, path))
      .map(({ specifier, line }) => `${path}:${line} imports ${specifier}`),
  );
}

function importProblems(judge: (from: Place, to: Place) => string | undefined): string[] {
  return sources.flatMap(({ path, imports }) =>
    imports.flatMap(({ target, line }) => {
      if (target === undefined) return [];
      const problem = judge(placeOf(path), placeOf(target));
      return problem === undefined ? [] : [`${path}:${line} imports ${target}, ${problem}`];
    }),
  );
}

/** Depth-first search; each cycle is told once, from its first file in order of discovery. */
function valueCycles(): string[] {
  const graph = new Map(
    sources.map(({ path, imports }) => [
      path,
      imports.flatMap(({ value, target }) => (value && target !== undefined ? [target] : [])),
    ]),
  );
  const done = new Set<string>();
  const cycles: string[] = [];
  const walk = (path: string, trail: readonly string[]): void => {
    const start = trail.indexOf(path);
    if (start !== -1) cycles.push([...trail.slice(start), path].join(" -> "));
    if (start !== -1 || done.has(path)) return;
    for (const target of graph.get(path) ?? []) walk(target, [...trail, path]);
    done.add(path);
  };
  for (const path of graph.keys()) walk(path, []);
  return cycles;
}

const ambient = new Set([
  ...["setTimeout", "setInterval", "setImmediate", "clearTimeout", "clearInterval"],
  ...["console", "crypto", "process", "requestAnimationFrame"],
]);

function ambientUses({ path, tree }: Source): string[] {
  const allowed = ports.filter(({ files }) => files.test(path)).flatMap(({ globals }) => globals);
  if (allowed.includes("all")) return [];
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    const name = ambientName(node);
    if (name !== undefined && !allowed.some((each) => name.includes(each))) {
      const { line } = tree.getLineAndCharacterOfPosition(node.getStart(tree));
      found.push(`${path}:${line + 1}: ${name}`);
    }
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return found;
}

/** What global the node touches: a bare name, a member of `globalThis`, a reading of the clock. */
function ambientName(node: ts.Node): string | undefined {
  if (ts.isNewExpression(node) && node.expression.getText() === "Date") {
    return (node.arguments?.length ?? 0) === 0 ? "new Date()" : undefined;
  }
  if (ts.isPropertyAccessExpression(node)) {
    const text = node.getText().replace(/^globalThis\./, "");
    if (["Date.now", "Math.random", "performance.now"].includes(text)) return text;
    const member = node.expression.getText() === "globalThis" ? node.name.text : "";
    return ambient.has(member) ? member : undefined;
  }
  if (!ts.isIdentifier(node) || !ambient.has(node.text)) return undefined;
  return isExpression(node) ? node.text : undefined;
}

function isExpression(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node;
  if (ts.isTypeNode(parent) || ts.isQualifiedName(parent) || ts.isTypeQueryNode(parent))
    return false;
  // The name of a declaration, a property or a parameter; a shorthand property is a use.
  return !("name" in parent && parent.name === node && !ts.isShorthandPropertyAssignment(parent));
}

function bareSuppressions({ path, text }: Source): string[] {
  return text.split("\n").flatMap((line, i) => {
    const biome = /biome-ignore[\w-]*\s+[\w/]+:?\s*(.*)$/.exec(line);
    const compiler = /@ts-(?:ignore|expect-error|nocheck)\b[:\s-]*(.*)$/.exec(line);
    const reason = biome?.[1] ?? compiler?.[1];
    return reason === undefined || reason.trim().length >= 8 ? [] : [`${path}:${i + 1}: no reason`];
  });
}
