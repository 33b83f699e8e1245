/** W13: importing the library in a fresh process, the first thing every test run waits for. */

import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { type Prepared, Unfit, type Workload } from "../workload";

const run = promisify(execFile);

export const coldImport: Workload = {
  id: "W13",
  title: "import in a fresh process",
  unit: "ms",
  scale: "fixed",
  sizes: [1],
  quickSizes: [1],

  async prepare({ imports }): Promise<Prepared> {
    if (imports === undefined) throw new Unfit("nothing to import");
    const specifier = imports.startsWith(".")
      ? new URL(`../${imports}`, import.meta.url).href
      : imports;
    const script =
      "const start = performance.now();" +
      `await import(${JSON.stringify(specifier)});` +
      "console.log(performance.now() - start); process.exit();";
    return {
      answer: "imported",
      async round() {
        // Standard input keeps the folder of this suite as the place packages are looked up from.
        const { stdout } = await run(process.execPath, ["--input-type=module", "-e", script]);
        return Number(stdout);
      },
      close: async () => {},
    };
  },
};
