// modulesFrom(): a folder as a modules map, without a bundler.

import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ModuleMap } from "../../../src/functions/module-map";
import { modulesFrom } from "../../../src/functions/modules-from";

let folder = "";

const files: Record<string, string> = {
  "messages.mjs": "export const list = 'list';",
  "admin/users.mjs": "export const all = 'all';",
  "schema.mjs": "export default 'schema';",
  "broken.mjs": "export const = ;",
  "typed.ts": "export const typed: number = 1;",
  "_generated/api.js": "throw new Error('never imported');",
  "node_modules/x/index.js": "throw new Error('never imported');",
  ".cache/y.js": "throw new Error('never imported');",
  "README.md": "# nothing",
};

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "invex modules "));
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(join(folder, file, ".."), { recursive: true });
    writeFileSync(join(folder, file), text);
  }
});

afterAll(() => rmSync(folder, { recursive: true }));

describe("modulesFrom", () => {
  it("[MOD10] lists source files and imports none", () => {
    expect(Object.keys(modulesFrom(folder))).toEqual([
      "admin/users.mjs",
      "broken.mjs",
      "messages.mjs",
      "schema.mjs",
      "typed.ts",
    ]);
  });

  it("[MOD10] takes a file URL and imports on use", async () => {
    const map = new ModuleMap(modulesFrom(pathToFileURL(`${folder}/`)));
    expect(await map.load("messages")).toMatchObject({ list: "list" });
    expect(await map.load("admin/users")).toMatchObject({ all: "all" });
    expect(await map.special("schema")).toBe("schema");
    await expect(map.load("broken")).rejects.toThrow('The module "broken.mjs" could not be loaded');
  });

  it("[MOD10] names a folder it cannot read", () => {
    expect(() => modulesFrom("./no/such/folder")).toThrow(/modules folder ".*no\/such\/folder"/);
  });

  it("[MOD11] says what to do when the runtime knows no TypeScript", () => {
    const source = fileURLToPath(
      new URL("../../../src/functions/modules-from.ts", import.meta.url),
    );
    // A process of its own: here vitest's loader knows TypeScript. tsx compiles Invex, and
    // unregisters before the folder is read.
    const script = `
      import { register } from "tsx/esm/api";
      const unregister = register();
      const { modulesFrom } = await import(${JSON.stringify(pathToFileURL(source).href)});
      await unregister();
      await modulesFrom(${JSON.stringify(folder)})["typed.ts"]().then(
        (module) => console.log("typed", module.typed),
        (error) => console.log(error.message),
      );`;
    const output = execFileSync(process.execPath, ["--input-type=module", "--eval", script], {
      encoding: "utf8",
      cwd: fileURLToPath(new URL("../../..", import.meta.url)),
    });
    const runsTypeScript = (process.features as { typescript?: unknown }).typescript;
    if (runsTypeScript) expect(output).toContain("typed 1");
    else
      expect(output).toMatch(
        /cannot import ".*typed\.ts" by itself\. Start Node with `--import tsx`/,
      );
  });
});
