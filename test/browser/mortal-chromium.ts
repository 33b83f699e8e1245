// A Chromium that can be killed like any process, and started again on what it had kept.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { chromium, type Page } from "playwright-core";
import { CHROMIUM, FLAGS } from "./chromium";

export class MortalChromium {
  readonly #profile = mkdtempSync(join(tmpdir(), "invex-chromium-"));
  #process: ChildProcess | undefined;

  /** Starts it, and opens a page. */
  async start(url: string): Promise<Page> {
    const flags = [...FLAGS, `--user-data-dir=${this.#profile}`, "--remote-debugging-port=0"];
    // Detached: with all its own processes it is one group, which can be killed at once.
    const child = spawn(CHROMIUM, [...flags, "about:blank"], {
      detached: true,
      stdio: ["ignore", "ignore", "pipe"],
    });
    this.#process = child;
    const browser = await chromium.connectOverCDP(await endpoint(child));
    const page = await browser.contexts()[0]!.newPage();
    await page.goto(url);
    return page;
  }

  /** Kills all its processes without a word. Resolves when the first of them is gone. */
  async kill(): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, "exit");
    process.kill(-child.pid, "SIGKILL");
    await gone;
  }

  async remove(): Promise<void> {
    await this.kill();
    rmSync(this.#profile, { recursive: true, force: true, maxRetries: 10 });
  }
}

/** It says where it listens. */
async function endpoint(child: ChildProcess): Promise<string> {
  const said: string[] = [];
  for await (const line of createInterface({ input: child.stderr! })) {
    const [, found] = /^DevTools listening on (ws:.*)$/.exec(line) ?? [];
    if (found !== undefined) {
      child.stderr!.resume();
      return found;
    }
    said.push(line);
  }
  throw new Error(`Chromium did not start: ${said.join("\n")}`);
}
