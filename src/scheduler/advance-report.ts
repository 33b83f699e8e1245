/** What `advance()` and `settle()` tell: every run, in the order they began. */

/** One run of a scheduled function or a cron. */
export interface AdvanceRun {
  /** When it began, milliseconds since the epoch. */
  readonly startedAt: number;
  /** When it was due. */
  readonly dueAt: number;
  /** With its extension: `"messages.js:send"`. */
  readonly function: string;
  /** Path of the function's component; "" is the app. */
  readonly component: string;
  readonly trigger:
    | { readonly kind: "job"; readonly id: string }
    | { readonly kind: "cron"; readonly identifier: string };
  /**
   * `canceled`: an action that was canceled while it ran. `retried`: nothing of it happened, for a
   * reason that is not the function's; it will run again.
   */
  readonly outcome: "success" | "failed" | "canceled" | "retried";
  /** Why it failed or is retried. */
  readonly error?: string;
  /** Its log lines. */
  readonly logs: readonly string[];
}

export interface AdvanceReport {
  /** What time it was before and after, milliseconds since the epoch. */
  readonly from: number;
  readonly to: number;
  readonly runs: readonly AdvanceRun[];
  /** The report as text, a line a run, log lines indented below. */
  toString(): string;
}

export function createReport(from: number, to: number, runs: readonly AdvanceRun[]): AdvanceReport {
  return { from, to, runs, toString: () => text(from, to, runs) };
}

function text(from: number, to: number, runs: readonly AdvanceRun[]): string {
  const count = runs.length === 1 ? "1 run" : `${runs.length} runs`;
  return [`${iso(from)} to ${iso(to)}: ${count}`, ...runs.flatMap(lines)].join("\n");
}

function lines(run: AdvanceRun): string[] {
  const name = run.component === "" ? run.function : `${run.component}/${run.function}`;
  const by = run.trigger.kind === "cron" ? `cron "${run.trigger.identifier}"` : "job";
  const error = run.error === undefined ? "" : `: ${run.error.trimEnd()}`;
  const head = `${iso(run.startedAt)}  ${by} ${name}  ${run.outcome}${error}`;
  return [head, ...run.logs.map((line) => `    ${line}`)];
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
