/**
 * Modules of functions while they are loaded: generated code keeps `process.env` in a constant
 * (`export const env = process.env`), which functions read later. So while one is loading, the host's
 * variable holds the object that is the host's outside and the function's inside; the host, to which
 * it does as its own, hardly notices.
 */
import { globals, host } from "./host";
import { sandboxEnv } from "./sandbox-env";

let importing = 0;

/** What `process.env` is while no function runs. */
export function envAtRest(): object {
  return importing === 0 ? host.env : sandboxEnv;
}

/** Loads a module. Must be called outside, where the platform says when control passes. */
export async function whileImporting<T>(load: () => T | PromiseLike<T>): Promise<T> {
  const { process } = globals;
  if (process.env !== sandboxEnv) host.env = process.env;
  importing += 1;
  process.env = sandboxEnv;
  try {
    return await load();
  } finally {
    importing -= 1;
    if (importing === 0 && process.env === sandboxEnv) process.env = host.env;
  }
}
