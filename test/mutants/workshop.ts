/** A copy of the repository in which sources are broken and suites run, one at a time. */
import { spawn } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));

export interface Outcome {
  readonly ms: number;
  /** The first test that failed, or that there was no end; `undefined` when all passed. */
  readonly failed: string | undefined;
}

/** What is used of vitest's JSON report. */
interface Report {
  readonly success: boolean;
  readonly testResults: readonly {
    readonly name: string;
    readonly message: string;
    readonly assertionResults: readonly { readonly title: string; readonly status: string }[];
  }[];
}

export class Workshop {
  readonly #folder: string;

  constructor() {
    this.#folder = mkdtempSync(join(tmpdir(), "invex-mutants-"));
    const files = ["package.json", "tsconfig.json", "vitest.config.ts", "inspector-page.config.ts"];
    for (const name of ["src", "test", ...files]) {
      cpSync(join(root, name), join(this.#folder, name), { recursive: true });
    }
    symlinkSync(join(root, "node_modules"), join(this.#folder, "node_modules"));
  }

  read(file: string): string {
    return readFileSync(join(this.#folder, file), "utf8");
  }

  /** Does `work` while `file` holds `text`. */
  async withFile<T>(file: string, text: string, work: () => Promise<T>): Promise<T> {
    const path = join(this.#folder, file);
    const before = readFileSync(path, "utf8");
    writeFileSync(path, text);
    try {
      return await work();
    } finally {
      writeFileSync(path, before);
    }
  }

  /** Runs suites until the first failure. */
  async run(suites: readonly string[], limitMs: number): Promise<Outcome> {
    const began = performance.now();
    const report = join(this.#folder, "report.json");
    rmSync(report, { force: true });
    const args = ["run", ...suites, "--typecheck=false", "--bail=1"];
    const isInTime = await this.#vitest(args, report, limitMs);
    const ms = performance.now() - began;
    if (!isInTime) return { ms, failed: `no end within ${seconds(limitMs)}` };
    return { ms, failed: this.#firstFailure(report) };
  }

  close(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #vitest(args: readonly string[], report: string, limitMs: number): Promise<boolean> {
    const vitest = join(root, "node_modules/vitest/vitest.mjs");
    const output = ["--reporter=json", `--outputFile=${report}`];
    const child = spawn(process.execPath, [vitest, ...args, ...output], {
      cwd: this.#folder,
      stdio: "ignore",
      // A group of its own, so that its workers end with it.
      detached: true,
    });
    return new Promise<boolean>((resolve) => {
      const timer = setTimeout(() => {
        if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
        resolve(false);
      }, limitMs);
      child.on("exit", () => {
        clearTimeout(timer);
        resolve(true);
      });
    });
  }

  #firstFailure(report: string): string | undefined {
    const { testResults, success }: Report = JSON.parse(readFileSync(report, "utf8"));
    if (success) return undefined;
    for (const { assertionResults, name, message } of testResults) {
      const failed = assertionResults.find(({ status }) => status === "failed");
      const file = name.slice(this.#folder.length + 1);
      if (failed !== undefined) return `${file}: ${failed.title}`;
      if (message) return `${file}: ${message.split("\n")[0]}`;
    }
    return "an error outside of the tests";
  }
}

export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
