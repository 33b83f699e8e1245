/**
 * `console` inside functions: the methods Convex's has, each call handed to the execution's log.
 * How the arguments look and how many lines there may be is `logs.ts`'s business.
 */
import type { LogLevel } from "./execution";
import { host } from "./host";
import { PlainText } from "./plain-text";
import { running } from "./running";
import type { Scope } from "./scope";
import { twoFaced } from "./two-faced";

/** What one function has begun to measure and to count, by label. */
interface Labels {
  readonly startedAtMs: Map<string, number>;
  readonly counts: Map<string, number>;
}

type Write = (scope: Scope, args: readonly unknown[]) => void;

const methods = {
  debug: line("DEBUG"),
  log: line("LOG"),
  info: line("INFO"),
  warn: line("WARN"),
  error: line("ERROR"),
  trace: method(({ execution }, args) => execution.log("LOG", [...args, new Trace()])),
  time: method(startTimer),
  timeLog: method(logTimer),
  timeEnd: method((scope, args) => {
    logTimer(scope, args.slice(0, 1));
    labelsOf(scope).startedAtMs.delete(labelIn(args));
  }),
  count: method((scope, args) => {
    const { counts } = labelsOf(scope);
    const label = labelIn(args);
    const count = (counts.get(label) ?? 0) + 1;
    counts.set(label, count);
    scope.execution.log("LOG", [new PlainText(`${label}: ${count}`)]);
  }),
  countReset: method((scope, args) => labelsOf(scope).counts.delete(labelIn(args))),
};

export const sandboxConsole = twoFaced(
  () => {
    const scope = running();
    return scope === undefined || scope.execution.isTrusted ? undefined : methods;
  },
  () => host.console,
);

/** Where `console.trace` was called: prints as its stack. */
class Trace extends Error {
  override readonly name = "Trace";
}

const labelsByScope = new WeakMap<Scope, Labels>();

function line(level: LogLevel): (...args: unknown[]) => void {
  return method(({ execution }, args) => execution.log(level, args));
}

/** Silent when carried out of the function: there is nobody's log to write to. */
function method(write: Write): (...args: unknown[]) => void {
  return (...args) => {
    const scope = running();
    if (scope !== undefined) write(scope, args);
  };
}

function labelsOf(scope: Scope): Labels {
  let labels = labelsByScope.get(scope);
  if (labels === undefined) {
    labels = { startedAtMs: new Map(), counts: new Map() };
    labelsByScope.set(scope, labels);
  }
  return labels;
}

function startTimer(scope: Scope, args: readonly unknown[]): void {
  const { startedAtMs } = labelsOf(scope);
  const { execution } = scope;
  const label = labelIn(args);
  if (startedAtMs.has(label)) {
    execution.log("WARN", [new PlainText(`Timer '${label}' already exists`)]);
  } else {
    startedAtMs.set(label, execution.clockMs());
  }
}

function logTimer(scope: Scope, args: readonly unknown[]): void {
  const { execution } = scope;
  const label = labelIn(args);
  const startedAtMs = labelsOf(scope).startedAtMs.get(label);
  if (startedAtMs === undefined) {
    execution.log("WARN", [new PlainText(`Timer '${label}' does not exist`)]);
    return;
  }
  const elapsed = `${label}: ${Math.round(execution.clockMs() - startedAtMs)}ms`;
  execution.log("INFO", [new PlainText(elapsed), ...args.slice(1)]);
}

function labelIn(args: readonly unknown[]): string {
  return args[0] === undefined ? "default" : String(args[0]);
}
