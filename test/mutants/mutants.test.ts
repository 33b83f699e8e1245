// Keeps the mutants of `npm run mutants` alive: whoever changes a line that one breaks hears of it.

import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { mutants, mutated } from "./mutants";

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
