/** The examples: each is told and started in one line; the quickstart is run here, the others elsewhere. */
import { existsSync, readdirSync } from "node:fs";
import { stripVTControlCharacters } from "node:util";
import { expect, it, vi } from "vitest";
import { readPage, root } from "./pages";

it("[DOC6] every example has a README with the command that starts it, and is linked", () => {
  const names = readdirSync(`${root}examples`);
  expect(names.length).toBeGreaterThan(5);
  const readme = readPage("README.md");
  for (const name of names) {
    expect(existsSync(`${root}examples/${name}/README.md`), name).toBe(true);
    const command = name === "quickstart" ? "npm start" : `npm run example:${name}`;
    expect(readPage(`examples/${name}/README.md`), name).toContain(command);
    expect(readme, name).toContain(`(examples/${name})`);
  }
});

it("[DOC6] the quickstart says what its live queries hear", async () => {
  const lines: string[] = [];
  vi.spyOn(console, "log").mockImplementation((text) => {
    lines.push(stripVTControlCharacters(String(text)).trim());
  });
  try {
    await import("../../examples/quickstart/main");
  } finally {
    vi.restoreAllMocks();
  }
  expect(lines).toContain("~ tasks Analytical Engine (5), Tidy the cards (2)");
  expect(lines).toContain('refused: "Analytical Engine" is done already');
  expect(lines).toContain("Bob has 0 points");
  expect(lines.slice(-2)).toEqual(["in the fork Ada has 1010 points", "here she still has 10"]);
});
