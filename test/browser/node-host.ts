// The host of examples/node-server as a process of its own, so that it can die like one.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export interface NodeHostOptions {
  /** Default: a new file, deleted with the host. */
  readonly database?: ":memory:";
  readonly env?: Readonly<Record<string, string>>;
}

const MAIN = fileURLToPath(new URL("../../examples/node-server/main.ts", import.meta.url));

export class NodeHost {
  readonly url: string;
  readonly #port: number;
  readonly #folder: string;
  readonly #options: NodeHostOptions;
  #process: ChildProcess | undefined;

  private constructor(port: number, folder: string, options: NodeHostOptions) {
    this.#port = port;
    this.#folder = folder;
    this.#options = options;
    this.url = `http://127.0.0.1:${port}`;
  }

  /** Resolves when it answers. */
  static async start(options: NodeHostOptions = {}): Promise<NodeHost> {
    const folder = await mkdtemp(join(tmpdir(), "invex-chat-"));
    const host = new NodeHost(await freePort(), folder, options);
    await host.restart();
    return host;
  }

  /** Starts it (again) on its port, with its file. */
  async restart(): Promise<void> {
    const { database = join(this.#folder, "chat.db"), env } = this.#options;
    const args = ["--import", "tsx", MAIN, String(this.#port), database];
    const child = spawn(process.execPath, args, {
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "inherit"],
    });
    this.#process = child;
    await listening(child);
  }

  /** Stops it in its tracks: connections stay open, nothing is answered. */
  freeze(): void {
    this.#process?.kill("SIGSTOP");
  }

  /** Lets a frozen one go on. */
  thaw(): void {
    this.#process?.kill("SIGCONT");
  }

  /** Kills it without a word, as a power cut would. Resolves when it is gone; again does nothing. */
  async kill(): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, "exit");
    child.kill("SIGKILL");
    await gone;
  }

  /** Ends it for good, and deletes its file. */
  async remove(): Promise<void> {
    await this.kill();
    await rm(this.#folder, { recursive: true });
  }
}

/** It says so in its first line. */
async function listening(child: ChildProcess): Promise<void> {
  const ended = once(child, "exit").then(() => {
    throw new Error("the host ended before it listened");
  });
  await Promise.race([once(child.stdout!, "data"), ended]);
  ended.catch(() => undefined);
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const address = probe.address();
  probe.close();
  await once(probe, "close");
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}
