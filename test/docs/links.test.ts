/** What the pages refer to is there: files, headings, scripts, package entries. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { expect, it } from "vitest";
import { blocksOf, pages, proseOf, readPage, root } from "./pages";

const manifest = JSON.parse(readFileSync(`${root}package.json`, "utf8")) as {
  scripts: Record<string, string>;
  exports: Record<string, unknown>;
};

const entries = Object.keys(manifest.exports)
  .filter((path) => path !== "./package.json")
  .map((path) => `invex${path.slice(1)}`);

it("[DOC2] links lead to files and headings", () => {
  const links = pages.flatMap((page) => linksOf(page).map((link) => ({ page, link })));
  expect(links.length).toBeGreaterThan(50);
  expect(links.filter(({ page, link }) => !leadsSomewhere(page, link))).toEqual([]);
});

it("[DOC2] every page is linked from the README", () => {
  const linked = linksOf("README.md").map((link) => link.split("#")[0]);
  const own = pages.filter((page) => page.startsWith("docs/"));
  expect(own.length).toBeGreaterThan(5);
  expect(linked).toEqual(expect.arrayContaining(own));
});

it("[DOC5] scripts that are spoken of exist", () => {
  const named = pages.flatMap((page) =>
    [...readPage(page).matchAll(/npm run (?:--prefix bench )?([\w:-]+)/g)].map(
      (match) => match[1] as string,
    ),
  );
  expect(named.length).toBeGreaterThan(5);
  expect(named.filter((script) => manifest.scripts[script] === undefined)).toEqual([]);
});

it("[DOC7] tests that the README points at are there", () => {
  const named = [...readPage("README.md").matchAll(/`(?:npx vitest run )?(test\/[^`]*)`/g)];
  const paths = named.flatMap((match) => (match[1] as string).split(" "));
  expect(paths.length).toBeGreaterThan(20);
  expect(paths.filter((path) => !existsSync(`${root}${path}`))).toEqual([]);
});

it("[DOC5] package entries that are imported are exported, and the README names all", () => {
  const imported = pages
    .flatMap(blocksOf)
    .flatMap(({ code }) => [...code.matchAll(/from "(invex[^"]*)"/g)].map((match) => match[1]));
  expect(entries).toEqual(expect.arrayContaining(imported));
  const readme = readPage("README.md");
  expect(entries.filter((entry) => !readme.includes(`\`${entry}\``))).toEqual([]);
});

it("[DOC5] the pages made of docstrings have every entry", () => {
  const { entryPoints } = JSON.parse(readPage("typedoc.json")) as { entryPoints: string[] };
  const { compilerOptions } = JSON.parse(readPage("tsconfig.json")) as {
    compilerOptions: { paths: Record<string, [string]> };
  };
  const sources = entries.map((entry) => compilerOptions.paths[entry]?.[0].replace("./", ""));
  expect([...entryPoints].sort()).toEqual(sources.sort());
});

/** Relative ones. */
function linksOf(page: string): string[] {
  const targets = [...proseOf(page).matchAll(/\]\(([^)\s]+)\)/g)].map(
    (match) => match[1] as string,
  );
  return targets.filter((target) => !/^[a-z]+:/.test(target));
}

function leadsSomewhere(page: string, link: string): boolean {
  const [path = "", heading] = link.split("#");
  const target = path === "" ? page : relative(root, join(root, dirname(page), path));
  if (!existsSync(join(root, target))) return false;
  return heading === undefined || headingsOf(target).includes(heading);
}

/** As GitHub makes anchors of headings. */
function headingsOf(page: string): string[] {
  const headings = [...proseOf(page).matchAll(/^#+ (.+)$/gm)].map((match) => match[1] as string);
  return headings.map((heading) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w\- ]/g, "")
      .replaceAll(" ", "-"),
  );
}
