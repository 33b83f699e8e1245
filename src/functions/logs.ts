/**
 * What functions write to `console`, as entries for the embedder and as lines for clients
 * (engine.md 6.5, 7.2; functions.md 8.4): the texts, the levels and the limits.
 * How console calls get here is the sandbox's business, where entries go is the embedder's.
 */
import { truncateUtf8 } from "./error-text";
import { inspect } from "./inspect";
import type { ExecutionKind, LogLevel } from "./sandbox/execution";
import { PlainText } from "./sandbox/plain-text";

/** Lines of one function, the one that says there were more among them. */
export const MAX_LOG_LINES = 256;
/** Longest line in UTF-8 bytes, without the note that it was cut. */
export const MAX_LOG_LINE_BYTES = 32_768;

/** The function a line comes from. */
export interface LogSource {
  /** As it is called: `messages:send`; for an HTTP action, its method and path. */
  readonly function: string;
  /** The component it lives in; empty for the app. */
  readonly componentPath: string;
  /** `scheduler`: what the scheduler has to say of the function. */
  readonly kind: ExecutionKind | "scheduler";
  readonly requestId: string;
}

/** One `console` call of a function. Plain data, safe to keep and to send. */
export interface LogEntry extends LogSource {
  readonly level: LogLevel;
  /** When, by the backend's clock: milliseconds since the epoch. */
  readonly timeMs: number;
  /** The arguments as Convex prints them, each for itself. */
  readonly args: readonly string[];
  /** The arguments joined to one line, which may hold line breaks, cut to Convex's limit. */
  readonly text: string;
}

/** The lines of one function, up to Convex's limits. */
export class FunctionLog {
  readonly #source: LogSource;
  #lines = 0;

  constructor(source: LogSource) {
    this.#source = source;
  }

  /**
   * Records a console call. O(what is printed); the arguments are read now and not kept.
   *
   * @returns the entry to pass on; after the last line Convex keeps, one that says so; then nothing.
   */
  write(level: LogLevel, args: readonly unknown[], timeMs: number): LogEntry | undefined {
    if (this.#lines >= MAX_LOG_LINES) return undefined;
    this.#lines += 1;
    if (this.#lines === MAX_LOG_LINES) return this.#entry("ERROR", [overflow], timeMs);
    return this.#entry(level, args, timeMs);
  }

  #entry(level: LogLevel, args: readonly unknown[], timeMs: number): LogEntry {
    const printed = args.map(printArgument);
    return { ...this.#source, level, timeMs, args: printed, text: cutLine(printed.join(" ")) };
  }
}

const overflow = new PlainText(
  `Log overflow (maximum ${MAX_LOG_LINES}). Remaining log lines omitted.`,
);

/** An entry as the sync protocol and the HTTP API carry it: `[LOG] 'hello' { a: 1 }`. */
export function wireLine({ level, text }: LogEntry): string {
  return `[${level}] ${text}`;
}

/** An entry as Convex's own tools print it: `[CONVEX Q(messages:list)] [LOG] 'hello' { a: 1 }`. */
export function consoleLine(entry: LogEntry): string {
  return `[CONVEX ${letters[entry.kind]}(${entry.function})] ${wireLine(entry)}`;
}

const letters = {
  query: "Q",
  mutation: "M",
  action: "A",
  httpAction: "H",
  scheduler: "S",
} as const;

function printArgument(argument: unknown): string {
  return argument instanceof PlainText ? argument.text : inspect(argument);
}

function cutLine(text: string): string {
  const kept = truncateUtf8(text, MAX_LOG_LINE_BYTES);
  return kept.length === text.length ? text : `${kept} (truncated due to length)`;
}
