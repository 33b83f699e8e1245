/** The parent's end of one worker process: start it, ask for rounds, end it. */

import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Reply, Request } from "./worker";

const workerPath = fileURLToPath(new URL("./worker.js", import.meta.url));

/** How long a worker may take to load its data, or for one round, before it is out. */
const patienceMs = 300_000;

export interface Assignment {
  readonly workload: string;
  readonly driver: string;
  readonly size: number;
  readonly budgetMs: number;
}

export class Contestant {
  readonly driver: string;
  readonly costs: number[] = [];
  readonly #process: ChildProcess;
  #receive: ((reply: Reply) => void) | undefined;

  /** Starts the process; `ready` is its first reply. */
  constructor({ workload, driver, size, budgetMs }: Assignment) {
    this.driver = driver;
    this.#process = fork(workerPath, [workload, driver, String(size), String(budgetMs)], {
      execArgv: ["--expose-gc", "--enable-source-maps", "--max-old-space-size=8192"],
      env: { ...process.env, NODE_ENV: "production" },
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
    this.#process.on("message", (reply) => this.#receive?.(reply as Reply));
    this.#process.on("exit", (code) => {
      this.#receive?.({ kind: "failed", error: `the process ended with code ${code}` });
    });
  }

  ready(): Promise<Reply> {
    return this.#next();
  }

  /** Runs one round; the cost joins `costs` unless this is a warm-up. */
  async round(warmUp: boolean): Promise<Reply> {
    const reply = await this.#ask("round");
    if (reply.kind === "round" && !warmUp) this.costs.push(reply.cost);
    return reply;
  }

  /** Lets it put its data away, then ends it. */
  async close(): Promise<void> {
    if (this.#process.connected) await this.#ask("close");
    this.dismiss();
  }

  /** Ends it at once. */
  dismiss(): void {
    this.#process.kill();
  }

  #ask(request: Request): Promise<Reply> {
    const reply = this.#next();
    // A process that is gone is told of by its exit.
    this.#process.send(request, () => {});
    return reply;
  }

  #next(): Promise<Reply> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.dismiss();
        resolve({ kind: "failed", error: `no answer within ${patienceMs / 1_000} s` });
      }, patienceMs);
      this.#receive = (reply) => {
        clearTimeout(timer);
        this.#receive = undefined;
        resolve(reply);
      };
    });
  }
}
