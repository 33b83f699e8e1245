/**
 * One life of one backend of a simulated world. A crash lets go of it without a word: its functions
 * stay where they wait, its promises are heard by nobody.
 */
import { type Backend, createBackend } from "invex";
import type { SimulatedDisk } from "./disk";
import { createModules, type FunctionsHost, schema } from "./functions";
import type { Change, Line } from "./history";
import { LifeClock, type WorldTime } from "./life-clock";

export interface BackendOptions {
  readonly line: Line;
  readonly life: number;
  readonly seed: string;
  readonly time: WorldTime;
  readonly disk: SimulatedDisk | undefined;
  readonly hasCrons: boolean;
  readonly host: (backend: SimulatedBackend) => FunctionsHost;
  readonly onCommit: (backend: SimulatedBackend, ts: bigint, changes: readonly Change[]) => void;
  readonly onLog: (text: string) => void;
}

export class SimulatedBackend {
  readonly line: Line;
  readonly life: number;
  readonly clock: LifeClock | undefined;
  readonly handle: Backend;
  readonly host: FunctionsHost;
  isDead = false;
  queriesRunning = 0;

  private constructor(
    parts: Pick<SimulatedBackend, "line" | "life" | "clock" | "handle" | "host">,
  ) {
    this.line = parts.line;
    this.life = parts.life;
    this.clock = parts.clock;
    this.handle = parts.handle;
    this.host = parts.host;
  }

  static start(options: BackendOptions): SimulatedBackend {
    const { line, life, seed, time, disk, hasCrons } = options;
    let self: SimulatedBackend | undefined;
    const hosted = () => self as SimulatedBackend;
    const host = lateHost(() => options.host(hosted()));
    const clock = new LifeClock(time);
    const handle = createBackend({
      schema,
      seed,
      clock,
      modules: createModules(host, hasCrons),
      onLog: ({ level, text }) => {
        if (level === "ERROR") options.onLog(text);
      },
      ...(disk === undefined ? {} : { persistence: disk }),
    }) as unknown as Backend;
    self = new SimulatedBackend({ line, life, clock, handle, host });
    const backend = self;
    handle.onCommit(({ ts, changes }) => options.onCommit(backend, ts, changes));
    return backend;
  }

  /** A copy as of now, which nobody wakes. */
  fork(line: Line, onCommit: BackendOptions["onCommit"]): SimulatedBackend {
    const handle = this.handle.fork() as Backend;
    const { life, host } = this;
    const fork = new SimulatedBackend({ line, life, clock: undefined, handle, host });
    handle.onCommit(({ ts, changes }) => onCommit(fork, ts, changes));
    return fork;
  }
}

/** Functions may be called only after the backend they belong to is there. */
function lateHost(make: () => FunctionsHost): FunctionsHost {
  let made: FunctionsHost | undefined;
  const host = () => {
    made ??= make();
    return made;
  };
  return {
    begin: (kind, args) => host().begin(kind, args),
    execution: (n) => host().execution(n),
    pause: () => host().pause(),
    queryBegins: () => host().queryBegins(),
  };
}
