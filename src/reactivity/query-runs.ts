/**
 * The one place that runs queries. Two that ask the same of the same version of the store share one
 * run, whether they are live or one-shot.
 */
import type { Snapshot } from "../db/live-snapshots";
import type { QueryRequest, QueryRun, QueryRunner, WallClock } from "./ports";

/** A run, and what it is worth. */
export interface FinishedRun extends QueryRun {
  /** Sequence number of the version it read. */
  readonly seq: number;
  /** When it began, in milliseconds since the epoch. */
  readonly ranAtMs: number;
  /** Whether others got it too, or a cache keeps it: then its value is not ours to change. */
  readonly isShared: boolean;
}

interface Running {
  readonly seq: number;
  isShared: boolean;
  isFinished: boolean;
}

export class QueryRuns {
  readonly #runner: QueryRunner;
  readonly #clock: WallClock;
  /** The newest run under way of each key. */
  readonly #running = new Map<string, readonly [Running, Promise<FinishedRun>]>();

  constructor(runner: QueryRunner, clock: WallClock) {
    this.#runner = runner;
    this.#clock = clock;
  }

  /**
   * The run of `key` on version `seq` that is under way, to be shared; `undefined` if there is none.
   * Callers that may differ in their answers must differ in `key`.
   */
  join(key: string, seq: number): Promise<FinishedRun> | undefined {
    const [running, finished] = this.#running.get(key) ?? [];
    if (running?.seq !== seq) return undefined;
    running.isShared = true;
    return finished;
  }

  /** Runs `request` on `snapshot`, which must stay acquired until then. */
  start(key: string, request: QueryRequest, snapshot: Snapshot): Promise<FinishedRun> {
    const running = { seq: snapshot.ts.seq, isShared: false, isFinished: false };
    const finished = this.#run(running, key, request, snapshot);
    if (!running.isFinished) this.#running.set(key, [running, finished]);
    return finished;
  }

  async #run(
    running: Running,
    key: string,
    request: QueryRequest,
    snapshot: Snapshot,
  ): Promise<FinishedRun> {
    const { seq } = running;
    const ranAtMs = this.#clock.now();
    try {
      const run = await this.#runner.run(request, snapshot);
      return { ...run, seq, ranAtMs, isShared: running.isShared };
    } finally {
      // Nobody joins from here on: whoever has the run alone may change its value.
      running.isFinished = true;
      if (this.#running.get(key)?.[0] === running) this.#running.delete(key);
    }
  }
}
