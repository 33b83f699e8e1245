/**
 * Where the lines of running functions go: into the call's own log, for clients, and to whoever
 * listens to the backend's log.
 */
import type { CallExecution } from "./call-execution";
import { reportToHost } from "./host-log";
import { FunctionLog, type LogEntry, wireLine } from "./logs";
import type { LogLevel } from "./sandbox/execution";
import { sandbox } from "./sandbox/sandbox";

export class LogBook {
  readonly #listener: (entry: LogEntry) => void;
  /** The logs of a call's functions, by name: limits hold for each function. */
  readonly #logs = new WeakMap<CallExecution, Map<string, FunctionLog>>();
  /** Who else listens for now. */
  #taps: readonly ((entry: LogEntry) => void)[] = [];

  /** @param listener gets every entry; what it throws harms no function */
  constructor(listener: (entry: LogEntry) => void) {
    this.#listener = listener;
  }

  /**
   * A console call of the function that `execution` runs now, or a warning of the engine's to it.
   * @param print does what the listener would do otherwise
   */
  write(
    execution: CallExecution,
    level: LogLevel,
    args: readonly unknown[],
    print?: () => void,
  ): void {
    const entry = this.#logOf(execution).write(level, args, execution.clockMs());
    if (entry !== undefined) execution.addLogLine(wireLine(entry));
    if (print !== undefined) this.#tell(print);
    else if (entry !== undefined) this.#tell(() => this.#listener(entry));
    if (entry !== undefined) this.#tellTaps(entry);
  }

  /** Tells the listener of an entry that is no function's own. */
  emit(entry: LogEntry): void {
    this.#tell(() => this.#listener(entry));
    this.#tellTaps(entry);
  }

  /** Gives every entry from now on to one more listener. @returns ends that */
  tap(listener: (entry: LogEntry) => void): () => void {
    const tap = (entry: LogEntry) => listener(entry);
    this.#taps = [...this.#taps, tap];
    return () => {
      this.#taps = this.#taps.filter((each) => each !== tap);
    };
  }

  #tellTaps(entry: LogEntry): void {
    for (const tap of this.#taps) this.#tell(() => tap(entry));
  }

  #tell(listen: () => void): void {
    sandbox.outside(() => {
      try {
        listen();
      } catch (error) {
        reportToHost("onLog", error);
      }
    });
  }

  #logOf(execution: CallExecution): FunctionLog {
    let logs = this.#logs.get(execution);
    if (logs === undefined) {
      logs = new Map();
      this.#logs.set(execution, logs);
    }
    const { component, path } = execution.current;
    const key = `${component}\0${path.display}`;
    let log = logs.get(key);
    if (log === undefined) {
      const { kind, requestId } = execution;
      log = new FunctionLog({ function: path.display, componentPath: component, kind, requestId });
      logs.set(key, log);
    }
    return log;
  }
}
