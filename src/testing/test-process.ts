/**
 * What functions under test share with the process that tests them: its environment variables and
 * its console, as they are at each access, stubbed or not. Both are called outside the sandbox.
 */
import type { LogEntry } from "../functions/logs";
import type { LogLevel } from "../functions/sandbox/execution";
import { PlainText } from "../functions/sandbox/plain-text";
import { sandbox } from "../functions/sandbox/sandbox";

type Env = Readonly<Record<string, string>>;

const METHODS = {
  DEBUG: "debug",
  LOG: "log",
  INFO: "info",
  WARN: "warn",
  ERROR: "error",
} as const satisfies Record<LogLevel, keyof Console>;

/** Calls the console of the process as the function called its own. */
export function printToConsole(level: LogLevel, args: readonly unknown[]): void {
  console[METHODS[level]](...args.map((arg) => (arg instanceof PlainText ? arg.text : arg)));
}

const views = new WeakMap<Env, Env>();

/** The variables of the process, and below them `own`: what the backend itself sets. Read-only. */
export function hostEnv(own: Env): Env {
  let view = views.get(own);
  if (view === undefined) {
    view = createView(own);
    views.set(own, view);
  }
  return view;
}

function createView(own: Env): Env {
  const all = (): Env => outside((env) => ({ ...own, ...env }));
  return new Proxy(own, {
    get: (_, name) =>
      typeof name === "string" ? outside((env) => env[name] ?? own[name]) : undefined,
    has: (_, name) => Reflect.has(all(), name),
    ownKeys: () => Reflect.ownKeys(all()),
    getOwnPropertyDescriptor: (_, name) => {
      const value = Reflect.get(all(), name);
      return value === undefined ? undefined : { value, enumerable: true, configurable: true };
    },
    set: () => false,
  });
}

/**
 * Reads the variables of the process as the host sees them. All of the reading happens outside:
 * while a module is loading the object itself is another one inside, which is made of this.
 */
function outside<T>(read: (env: Env) => T): T {
  return sandbox.outside(() => read((globalThis.process?.env ?? {}) as Env));
}

/** Prints what the engine itself has to say: of jobs that failed, above all. */
export function printNotice({ level, text }: LogEntry): void {
  console[METHODS[level]](text);
}
