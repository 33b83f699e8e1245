// Keeps the mutants of `npm run mutants` alive: whoever changes a line that one breaks hears of it.

import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { mutants, mutated } from "./mutants";
import { slipsOf, withSlip } from "./slips";

const root = new URL("../../", import.meta.url);

describe("mutants", () => {
  it("[MUT1] fit the sources, each in one place, and change them", () => {
    const misfits = mutants.filter((mutant) => {
      const source = readFileSync(new URL(mutant.file, root), "utf8");
      return (mutated(source, mutant) ?? source) === source;
    });
    expect(misfits.map(({ name }) => name)).toEqual([]);
  });

  it("[MUT1] have names of their own, and suites that exist", () => {
    expect(new Set(mutants.map(({ name }) => name)).size).toBe(mutants.length);
    const suites = mutants.flatMap(({ suites }) => suites);
    expect(suites.filter((suite) => !existsSync(new URL(suite, root)))).toEqual([]);
  });
});

describe("slips of the pen", () => {
  const source =
    'export function f(a: 1 | 2): number {\n  if (a < 2) throw new Error("1" + 1);\n  return -1;\n}\n';

  it("[MUT2] are found where behaviour is, not in types and errors", () => {
    const found = slipsOf(source).map(({ line, before, after }) => [line, before, after]);
    expect(found).toEqual([
      [2, "a < 2", "((a < 2), true)"],
      [2, "a < 2", "((a < 2), false)"],
      [2, "<", "<="],
      [2, "2", "(2 + 1)"],
      [3, "1", "(1 + 1)"],
    ]);
  });

  it("[MUT2] change one place each", () => {
    const slip = slipsOf(source)[2]!;
    expect(withSlip(source, slip)).toBe(source.replace("a < 2", "a <= 2"));
  });
});
