/** What functions get others of, and the host must have back afterwards. */

const names = ["Date", "fetch", "console", "setTimeout", "setInterval", "queueMicrotask"] as const;

export interface HostGlobals {
  /** The names of those that are not what they were. */
  changes(): string[];
}

export function hostGlobals(): HostGlobals {
  const before = read();
  return {
    changes: () => {
      const after = read();
      return Object.keys(before).filter((name) => before[name] !== after[name]);
    },
  };
}

function read(): Record<string, unknown> {
  const globals = globalThis as unknown as Record<string, unknown>;
  return {
    ...Object.fromEntries(names.map((name) => [name, globals[name]])),
    "Math.random": Math.random,
    "process.env": process.env,
    "crypto.getRandomValues": crypto.getRandomValues,
    "console.log": console.log,
    Convex: globals["Convex"],
  };
}
