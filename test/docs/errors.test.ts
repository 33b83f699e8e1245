/** `docs/errors.md` against the codes of `src/shared/errors.ts`. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { expect, it } from "vitest";

const root = fileURLToPath(new URL("../../", import.meta.url));

it("[DOC1] every error code has one entry with its cause and cure", () => {
  const entries = tableRows("docs/errors.md").filter(([name = ""]) => /^`[A-Z]\w+`$/.test(name));
  expect(entries.map(([code = ""]) => code.slice(1, -1)).sort()).toEqual(errorCodes().sort());
  for (const [code, cause, cure] of entries) {
    expect(cause, code).not.toBe("");
    expect(cure, code).toMatch(/\w/);
  }
});

it("[DOC1] every problem of a store has an entry", () => {
  const entries = tableRows("docs/errors.md").map(([name]) => name);
  const problems = membersOf("src/persistence/persistence-error.ts", "PersistenceProblem");
  expect(problems).toContain("busy");
  expect(entries).toEqual(expect.arrayContaining(problems.map((problem) => `\`${problem}\``)));
});

function errorCodes(): string[] {
  return membersOf("src/shared/errors.ts", "ErrorCode");
}

/** The strings of a union of strings. */
function membersOf(file: string, union: string): string[] {
  const source = ts.createSourceFile(file, read(file), ts.ScriptTarget.Latest);
  const found = source.statements.find(
    (statement) => ts.isTypeAliasDeclaration(statement) && statement.name.text === union,
  ) as ts.TypeAliasDeclaration;
  return (found.type as ts.UnionTypeNode).types.map(
    (member) => ((member as ts.LiteralTypeNode).literal as ts.StringLiteral).text,
  );
}

function tableRows(file: string): string[][] {
  const lines = read(file).split("\n");
  return lines
    .filter((line) => line.startsWith("| "))
    .map((line) => line.split("|").slice(1, -1))
    .map((cells) => cells.map((cell) => cell.trim()));
}

function read(file: string): string {
  return readFileSync(`${root}${file}`, "utf8");
}
