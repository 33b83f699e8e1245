/**
 * Holds `test/SPEC.md` and its fragments in `test/spec/` together with the tests: every rule is
 * cited by a test, every citation names a rule, no rule is written twice.
 */

import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { describe, expect, it } from "vitest";

const here = fileURLToPath(new URL(".", import.meta.url));
const fragmentsFolder = join(here, "spec");

/** `- **VAL3** What holds.` */
const rulePattern = /^- \*\*([A-Z]+\d+[a-z]?)\*\*\s+\S/;
const looksLikeRule = /^\s*[-*]\s+\*\*[A-Z]/;

/** `[VAL3] ...`, `[VAL3][VAL4] ...` or `[VAL3, VAL4] ...` at the start of a test's name. */
const citationPattern = /^(?:\[[A-Z]+\d+[a-z]?(?:,\s*[A-Z]+\d+[a-z]?)*\]\s*)+/;
const idPattern = /[A-Z]+\d+[a-z]?/g;

interface Mention {
  readonly id: string;
  readonly where: string;
}

const fragments = readdirSync(fragmentsFolder).filter((name) => name.endsWith(".md"));
const rules = fragments.flatMap((name) =>
  rulesOf(name, readFileSync(join(fragmentsFolder, name), "utf8")),
);
const citations = testFilesBelow(here).flatMap((file) =>
  citationsOf(relative(here, file), readFileSync(file, "utf8")),
);

describe("the specification", () => {
  it("[SPC1] gives every rule an ID of its own", () => {
    const seen = new Set<string>();
    const again = rules.filter(({ id }) => seen.size === seen.add(id).size);
    expect(told(again)).toEqual([]);
  });

  it("[SPC1] writes every rule in the one form", () => {
    const found = fragments.flatMap((name) => malformedRules(name));
    expect(found).toEqual([]);
  });

  it("[SPC2] is cited, every rule of it, by the name of a test", () => {
    const cited = new Set(citations.map(({ id }) => id));
    expect(told(rules.filter(({ id }) => !cited.has(id)))).toEqual([]);
  });

  it("[SPC2] has every rule that a test cites", () => {
    const known = new Set(rules.map(({ id }) => id));
    expect(told(citations.filter(({ id }) => !known.has(id)))).toEqual([]);
  });

  it("[SPC3] lists its fragments", () => {
    const index = readFileSync(join(here, "SPEC.md"), "utf8");
    const listed = [...index.matchAll(/\]\(spec\/([\w-]+\.md)\)/g)].map(([, name]) => name);
    expect(listed.sort()).toEqual([...fragments].sort());
  });

  it("[SPC2] recognises citations in names, and nothing else", () => {
    const text = [
      'it("[AAA1] one", () => {});',
      "it.each([1])('[AAA2][AAA3] %s', () => {});",
      // biome-ignore lint/suspicious/noTemplateCurlyInString: source text that holds a template
      "describe(`[AAA4, AAA5b] ${1}`, () => {});",
      'expect(list[0]).toBe("see [AAA6]"); // [AAA7]',
    ].join("\n");
    expect(citationsOf("x.test.ts", text).map(({ id }) => id)).toEqual([
      ...["AAA1", "AAA2", "AAA3", "AAA4", "AAA5b"],
    ]);
  });
});

/** One line an ID, with the first place. */
function told(mentions: readonly Mention[]): string[] {
  const first = new Map<string, string>();
  for (const { id, where } of mentions) if (!first.has(id)) first.set(id, where);
  return [...first].map(([id, where]) => `${id} in ${where}`);
}

function rulesOf(name: string, text: string): Mention[] {
  return text.split("\n").flatMap((line, i) => {
    const id = rulePattern.exec(line)?.[1];
    return id === undefined ? [] : [{ id, where: `spec/${name}:${i + 1}` }];
  });
}

function malformedRules(name: string): string[] {
  return readFileSync(join(fragmentsFolder, name), "utf8")
    .split("\n")
    .flatMap((line, i) =>
      looksLikeRule.test(line) && !rulePattern.test(line) ? [`spec/${name}:${i + 1}: ${line}`] : [],
    );
}

function testFilesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === "node_modules" ? [] : testFilesBelow(path);
    // A suite holds the tests of several files.
    const runs = /\.(test|test-d|suite)\.tsx?$/.test(entry.name);
    return runs ? [path] : [];
  });
}

function citationsOf(where: string, text: string): Mention[] {
  const tree = ts.createSourceFile(where, text, ts.ScriptTarget.Latest, true);
  const found: Mention[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isStringLiteralLike(node) || ts.isTemplateHead(node)) {
      const cited = citationPattern.exec(node.text)?.[0] ?? "";
      const line = tree.getLineAndCharacterOfPosition(node.getStart(tree)).line + 1;
      for (const [id] of cited.matchAll(idPattern)) found.push({ id, where: `${where}:${line}` });
    }
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return found;
}
