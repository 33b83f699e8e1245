/**
 * Blocks of TypeScript in the README and in `docs/`, written out as files of the small app in
 * `test/fixtures/docs`. One that begins with an import is complete and is type-checked; one that is
 * marked `ts run` is executed as well. All others are parts of something, and nobody checks them.
 */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import ts from "typescript";
import { afterAll, describe, expect, it, vi } from "vitest";
import { blocksOf, pages, root } from "./pages";

const folder = `${root}test/fixtures/docs/`;

const complete = pages
  .flatMap(blocksOf)
  .filter(({ mark, code }) => mark.split(" ")[0] === "ts" && /^(\/\/.*\n)*import /.test(code))
  .map((block) => ({ ...block, file: `${folder}${block.where.replaceAll(/\W/g, "-")}.block.ts` }));
const running = complete.filter(({ mark }) => mark === "ts run");
const isTest = ({ code }: { code: string }) => code.includes('from "vitest"');

mkdirSync(folder, { recursive: true });
for (const { file, code } of complete) writeFileSync(file, code);

afterAll(() => {
  for (const { file } of complete) rmSync(file, { force: true });
});

it("[DOC3] complete blocks type-check", { timeout: 300_000 }, () => {
  const program = ts.createProgram({ rootNames: complete.map(({ file }) => file), options });
  const problems = complete.flatMap(({ file, where }) => {
    const source = program.getSourceFile(file);
    return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)]
      .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, " "))
      .map((text) => `${where}: ${text}`);
  });
  expect(complete.length).toBeGreaterThan(10);
  expect(problems).toEqual([]);
});

describe("[DOC4] programs print what they say", () => {
  const programs = running.filter((block) => !isTest(block));
  it("are there, the first one of the README among them", () => {
    expect(programs.map(({ where }) => where.split(":")[0])).toContain("README.md");
  });
  it.each(programs)("$where", async ({ file, code }) => {
    const printed: string[] = [];
    vi.spyOn(console, "log").mockImplementation((...values) => {
      printed.push(values.map(printValue).join(" "));
    });
    try {
      await import(file);
    } finally {
      vi.restoreAllMocks();
    }
    expect(printed).toEqual(promises(code));
  });
});

describe("[DOC4] tests pass", async () => {
  // Imported while tests are collected: theirs become tests of this file.
  for (const { file } of running.filter(isTest)) await import(file);
});

/** `// → this`, in the order of the program. */
function promises(code: string): string[] {
  return [...code.matchAll(/\/\/ → (.+)$/gm)].map((match) => match[1] as string);
}

function printValue(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

const { config } = ts.readConfigFile(`${root}tsconfig.json`, ts.sys.readFile);
const parsed = ts.parseJsonConfigFileContent({ ...config, files: [] }, ts.sys, root).options;
const options: ts.CompilerOptions = {
  ...parsed,
  // Node's files are written from streams.
  lib: [...(parsed.lib ?? []), "lib.dom.asynciterable.d.ts"],
  noUnusedLocals: false,
  types: ["node", "vite/client"],
};
