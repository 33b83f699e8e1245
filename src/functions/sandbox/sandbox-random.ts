/**
 * Randomness inside queries and mutations: `Math.random` and the parts of `crypto` that draw from
 * the execution's seeded stream. Making keys needs real entropy and is refused (engine.md 6.5).
 */
import type { Execution } from "./execution";
import { host } from "./host";
import { notAllowed } from "./not-allowed";
import { frozenExecution } from "./running";

const maxEntropyBytes = 65_536;

/** The platform's own, also after somebody has put a spy in their place. */
const native = {
  random: host.random,
  getRandomValues: host.getRandomValues,
  randomUUID: host.randomUUID,
};

/** The execution whose stream is drawn from; none outside, and where a stub of the host is heeded. */
function seededExecution(source: keyof typeof native): Execution | undefined {
  const execution = frozenExecution();
  return execution?.heedsStubs && host[source] !== native[source] ? undefined : execution;
}

export function random(): number {
  const execution = seededExecution("random");
  return execution === undefined ? host.random() : execution.random.next();
}

export function getRandomValues(this: unknown, array: unknown): unknown {
  const execution = seededExecution("getRandomValues");
  if (execution === undefined) return Reflect.apply(host.getRandomValues, this, [array]);
  if (!isIntegerArray(array)) {
    throw new TypeError("crypto.getRandomValues: expected an integer typed array");
  }
  if (array.byteLength > maxEntropyBytes) {
    throw new TypeError(
      `crypto.getRandomValues: ${array.byteLength} bytes requested, ${maxEntropyBytes} is the most`,
    );
  }
  const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
  bytes.set(execution.random.bytes(bytes.length));
  return array;
}

export function randomUUID(this: unknown, ...args: unknown[]): unknown {
  const execution = seededExecution("randomUUID");
  if (execution === undefined) return Reflect.apply(host.randomUUID, this, args);
  const bytes = execution.random.bytes(16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

export function generateKey(this: unknown, ...args: unknown[]): unknown {
  if (frozenExecution() === undefined) return Reflect.apply(host.generateKey, this, args);
  return Promise.reject(notAllowed("cryptographic randomness"));
}

const integerArray = /^\[object (Big)?(Int|Uint)\d+(Clamped)?Array\]$/;

function isIntegerArray(value: unknown): value is ArrayBufferView {
  return integerArray.test(Object.prototype.toString.call(value));
}
