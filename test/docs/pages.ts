/** The pages of the documentation, their links and their blocks of code. */
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../../", import.meta.url));

/** Paths from the repository's root. */
export const pages: readonly string[] = [
  "README.md",
  "AGENTS.md",
  "CONTRIBUTING.md",
  "llms.txt",
  ...readdirSync(`${root}docs`)
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`),
];

export interface CodeBlock {
  /** `docs/guide.md:20`: where its first line is. */
  readonly where: string;
  /** What follows the three backticks: `ts run`. */
  readonly mark: string;
  readonly code: string;
}

export function readPage(page: string): string {
  return readFileSync(root + page, "utf8");
}

export function blocksOf(page: string): CodeBlock[] {
  const text = readPage(page);
  return [...text.matchAll(/^```(.+)\n([\s\S]*?)^```$/gm)].map((match) => ({
    where: `${page}:${text.slice(0, match.index).split("\n").length + 1}`,
    mark: match[1] as string,
    code: match[2] as string,
  }));
}

/** Without its blocks of code. */
export function proseOf(page: string): string {
  return readPage(page).replaceAll(/^```[\s\S]*?^```$/gm, "");
}
