/**
 * Puts the sandbox's globals in place of the host's and back, for the platform that says when
 * control passes. Written out name by name: 2 ns each where a loop over names costs 30.
 * Every way in is followed by its way out before other code runs, so the host never sees it; what
 * the host has put somewhere last, fake or not, is what it finds there again.
 */
import { noteRareHosts } from "./assigned";
import { type Execution, isFrozen } from "./execution";
import { datePrototype, globals, host, ownerOf } from "./host";
import { envAtRest } from "./importing";
import { sandboxConsole } from "./sandbox-console";
import { SandboxDate } from "./sandbox-date";
import { sandboxEnv } from "./sandbox-env";
import { performanceNow } from "./sandbox-performance";
import { generateKey, getRandomValues, random, randomUUID } from "./sandbox-random";
import {
  clearInterval,
  clearTimeout,
  fetch,
  isSandboxed,
  queueMicrotask,
  setImmediate,
  setInterval,
  setTimeout,
} from "./sandbox-timers";

/** Where the host keeps what is not a variable: usually prototypes. */
let owners = { crypto: globals.crypto, subtle: globals.crypto?.subtle, clock: globals.performance };
let surveyed: unknown[] = [];
let { process } = globals;
/** Whether the host's are those of another copy of this library, which is also about to pass. */
let isStacked = false;

/** Looks where the host's things are. 20 ns when nothing has moved; due whenever all is out. */
export function survey(): void {
  const { crypto, performance } = globals;
  if (surveyed[0] === crypto && surveyed[1] === performance) return;
  surveyed = [crypto, performance];
  noteRareHosts();
  owners = {
    crypto: ownerOf(crypto, "getRandomValues"),
    subtle: ownerOf(crypto.subtle, "generateKey"),
    clock: ownerOf(performance, "now"),
  };
  process = globals.process;
  quicken([process, owners.crypto, owners.subtle, owners.clock]);
}

/** Whether the host lets its globals be replaced by assignment. All of them: no half a world. */
export function isSwappable(): boolean {
  survey();
  const variables = ["console", "fetch", "queueMicrotask", "setImmediate", "Date", "setTimeout"];
  variables.push("setInterval", "clearTimeout", "clearInterval");
  return (
    variables.every((key) => isAssignable(globals, key)) &&
    ["getRandomValues", "randomUUID"].every((key) => isAssignable(owners.crypto, key)) &&
    isAssignable(owners.subtle, "generateKey") &&
    isAssignable(owners.clock, "now") &&
    isAssignable(datePrototype, "constructor") &&
    isAssignable(Math, "random") &&
    isAssignable(process, "env")
  );
}

function isAssignable(owner: object, key: string): boolean {
  const descriptor = Object.getOwnPropertyDescriptor(owner, key);
  return descriptor?.writable === true || descriptor?.set !== undefined;
}

/** The world of `execution`. */
export function swapIn(execution: Execution): void {
  swapInAlways();
  if (!isFrozen(execution)) return;
  swapInTime();
  swapInRandomness();
  swapInIsolation();
}

/** The host's world again, unless a copy of this library below has already put it back. */
export function swapOut(execution: Execution): void {
  if (isStacked && globals.setTimeout !== setTimeout) return;
  process.env = envAtRest();
  globals.console = host.console;
  globals.setTimeout = host.setTimeout;
  globals.setInterval = host.setInterval;
  globals.setImmediate = host.setImmediate;
  globals.queueMicrotask = host.queueMicrotask;
  if (!isFrozen(execution)) return;
  globals.Date = host.Date;
  datePrototype.constructor = host.dateConstructor;
  owners.clock.now = host.performanceNow;
  Math.random = host.random;
  owners.crypto.getRandomValues = host.getRandomValues;
  owners.crypto.randomUUID = host.randomUUID;
  owners.subtle.generateKey = host.generateKey;
  globals.fetch = host.fetch;
  globals.clearTimeout = host.clearTimeout;
  globals.clearInterval = host.clearInterval;
}

// Below, what is there already known as the host's needs no write: a comparison is cheaper. What
// is there as the sandbox's own has been carried out and put there: that is not the host's.

function swapInAlways(): void {
  const { env } = process;
  if (env !== host.env && env !== sandboxEnv) host.env = env;
  process.env = sandboxEnv;
  const { console } = globals;
  if (console !== host.console && console !== sandboxConsole) host.console = console;
  globals.console = sandboxConsole;
  const { setTimeout: timeout, setInterval: interval } = globals;
  if (timeout !== host.setTimeout && timeout !== setTimeout) {
    host.setTimeout = timeout;
    isStacked = isSandboxed(timeout);
  }
  globals.setTimeout = setTimeout;
  if (interval !== host.setInterval && interval !== setInterval) host.setInterval = interval;
  globals.setInterval = setInterval;
  const { setImmediate: immediate, queueMicrotask: task } = globals;
  if (immediate !== host.setImmediate && immediate !== setImmediate) host.setImmediate = immediate;
  globals.setImmediate = setImmediate;
  if (task !== host.queueMicrotask && task !== queueMicrotask) host.queueMicrotask = task;
  globals.queueMicrotask = queueMicrotask;
}

function swapInTime(): void {
  const { Date: date } = globals;
  if (date !== host.Date && date !== SandboxDate) host.Date = date;
  globals.Date = SandboxDate;
  const { constructor: made } = datePrototype;
  if (made !== host.dateConstructor && made !== SandboxDate) host.dateConstructor = made;
  datePrototype.constructor = SandboxDate;
  const { clock } = owners;
  const { now } = clock;
  if (now !== host.performanceNow && now !== performanceNow) host.performanceNow = now;
  clock.now = performanceNow;
}

function swapInRandomness(): void {
  const { random: hosts } = Math;
  if (hosts !== host.random && hosts !== random) host.random = hosts;
  Math.random = random;
  const { crypto, subtle } = owners;
  const { getRandomValues: values, randomUUID: uuid } = crypto;
  if (values !== host.getRandomValues && values !== getRandomValues) host.getRandomValues = values;
  crypto.getRandomValues = getRandomValues;
  if (uuid !== host.randomUUID && uuid !== randomUUID) host.randomUUID = uuid;
  crypto.randomUUID = randomUUID;
  const { generateKey: key } = subtle;
  if (key !== host.generateKey && key !== generateKey) host.generateKey = key;
  subtle.generateKey = generateKey;
}

function swapInIsolation(): void {
  const { fetch: request, clearTimeout: timeout, clearInterval: interval } = globals;
  if (request !== host.fetch && request !== fetch) host.fetch = request;
  globals.fetch = fetch;
  if (timeout !== host.clearTimeout && timeout !== clearTimeout) host.clearTimeout = timeout;
  globals.clearTimeout = clearTimeout;
  if (interval !== host.clearInterval && interval !== clearInterval) host.clearInterval = interval;
  globals.clearInterval = clearInterval;
}

/**
 * Reads through heirs of `objects`, so that V8 lays them out as it lays out prototypes. Node makes
 * these as dictionaries, where each access costs 10 ns more. Changes nothing one could see.
 */
function quicken(objects: readonly object[]): void {
  for (const object of objects) {
    const heir = Object.create(object);
    for (let read = 0; read < 2000; read++) touch(heir);
  }
}

function touch(heir: { env?: unknown; getRandomValues?: unknown; now?: unknown }): unknown {
  return heir.env ?? heir.getRandomValues ?? heir.now;
}
