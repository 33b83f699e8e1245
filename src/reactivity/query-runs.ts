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
  finished: Promise<FinishedRun> | undefined;
}

export class QueryRuns {
  readonly #runner: QueryRunner;
  readonly #clock: WallClock;
  /** The newest run under way of each key. */
  readonly #running = new Map<string, Running>();

  constructor(runner: QueryRunner, clock: WallClock) {
    this.#runner = runner;
    this.#clock = clock;
  }

  /**
   * The run of `key` on version `seq` that is under way, to be shared; `undefined` if there is none.
   * Callers that may differ in their answers must differ in `key`.
   */
  join(key: string, seq: number): Promise<FinishedRun> | undefined {
    if (this.#running.size === 0) return undefined;
    const running = this.#running.get(key);
    if (running?.seq !== seq) return undefined;
    running.isShared = true;
    return running.finished;
  }

  /** Runs `request` on `snapshot`, which must stay acquired until then. */
  start(key: string, request: QueryRequest, snapshot: Snapshot): Promise<FinishedRun> {
    const running: Running = { seq: snapshot.ts.seq, isShared: false, finished: undefined };
    const ranAtMs = this.#clock.now();
    const finished = this.#runner.run(request, snapshot).then((run) => {
      // Nobody joins from here on: whoever has the run alone may change its value.
      if (this.#running.get(key) === running) this.#running.delete(key);
      return finishedRun(run, running, ranAtMs);
    });
    running.finished = finished;
    this.#running.set(key, running);
    return finished;
  }
}

/** Field by field: spreading makes larger objects, and many of these are kept. */
function finishedRun(run: QueryRun, { seq, isShared }: Running, ranAtMs: number): FinishedRun {
  const { outcome, reads, readIdentity, observedTime, journal, logLines } = run;
  return {
    outcome,
    reads,
    readIdentity,
    observedTime,
    journal,
    logLines,
    seq,
    ranAtMs,
    isShared,
  };
}
