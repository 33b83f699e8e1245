// A grammar of values that nobody should be given: proxies that throw or lie, getters, cycles, keys
// that mean something to JavaScript, holes, bottomless nesting, foreign realms. Mixed with sound ones,
// so that what is hostile sits anywhere.

import { runInNewContext } from "node:vm";
import { randomValue } from "../model/random-values";
import type { Choices } from "../model/seeds";

/** What hostile getters and traps throw: whoever reads them may let it through. */
export class Trap extends Error {}

const KEYS = [
  ...["__proto__", "constructor", "prototype", "toString", "valueOf", "hasOwnProperty", "toJSON"],
  ...["then", "length", "_id", "_creationTime", "$integer", "$x", "", "a", "b", "ä", "\u0000"],
];

type Make = (choices: Choices, depth: number) => unknown;

const leaves: readonly Make[] = [
  () => undefined,
  () => Symbol("hostile"),
  () => Symbol.iterator,
  () => () => 1,
  () => class Hostile {},
  () => new Date(0),
  () => new Date(Number.NaN),
  () => /x/g,
  () => new Map([["a", 1]]),
  () => new Set([1]),
  () => new WeakMap(),
  () => Promise.resolve(1),
  () => new Error("value"),
  () => Object(1n),
  () => new String("boxed"),
  () => new Boolean(false),
  () => 2n ** 63n,
  () => -(2n ** 63n) - 1n,
  () => 2n ** 4000n,
  () => "\ud800",
  () => "\udc00a",
  () => "x".repeat(100_000),
  () => new Uint8Array([1, 2]),
  () => new Float64Array(2),
  () => new DataView(new ArrayBuffer(2)),
  () => new SharedArrayBuffer(2),
  () => detached(),
  () => new Array(5),
  () => new Array(2 ** 32 - 1),
  () => sparse(10_000_000),
  () => Object.assign([1, 2], { extra: true }),
  () => new (class extends Array {})(3),
  () => Object.create(null),
  () => Object.create({ inherited: 1 }),
  () => Object.create(new Proxy({}, throwing)),
  () => globalThis,
  () => runInNewContext("({ a: [1, { b: 2 }] })"),
  () => runInNewContext("[1, , 3]"),
  () => runInNewContext("new ArrayBuffer(3)"),
  () => runInNewContext("new Error('elsewhere')"),
  () => argumentsObject(1, 2),
  () => revoked(),
  () => revoked([]),
  () => JSON.parse('{"__proto__": {"polluted": true}}'),
  () => JSON.parse('{"constructor": {"prototype": {"polluted": true}}}'),
  () => ({ [Symbol("key")]: 1 }),
  // biome-ignore lint/suspicious/noThenProperty: a thenable is what is tried here
  () => ({ then: (resolve: (value: unknown) => void) => resolve(1) }),
  () => ({ toJSON: () => "not me" }),
];

const nodes: readonly Make[] = [
  (choices, depth) => [hostile(choices, depth), hostile(choices, depth)],
  (choices, depth) => ({ [choices.pick(KEYS)]: hostile(choices, depth) }),
  (choices, depth) => withOwn(choices.pick(KEYS), hostile(choices, depth)),
  (choices, depth) => Object.freeze({ a: hostile(choices, depth) }),
  (choices, depth) => withGetter(() => hostile(choices, depth)),
  () =>
    withGetter(() => {
      throw new Trap("getter");
    }),
  (choices, depth) => changing([hostile(choices, depth), randomValue(choices, 1)]),
  (choices, depth) => cyclic(hostile(choices, depth)),
  (choices) => nested(choices.pick([60, 64, 65, 200, 20_000])),
  (choices, depth) => new Proxy(asObject(hostile(choices, depth)), {}),
  (choices, depth) => new Proxy(asObject(hostile(choices, depth)), throwing),
  (choices, depth) => new Proxy([hostile(choices, depth)], { get: growing() }),
  (choices) => new Proxy({}, { ownKeys: () => [choices.pick(KEYS), "b"], ...lying }),
  (choices, depth) => new Proxy({ a: 1 }, { get: () => hostile(choices, depth) }),
];

/** A value that is hostile somewhere, or not at all: one in four is sound. */
export function hostile(choices: Choices, depth = 3): unknown {
  const dice = choices.below(4);
  if (dice === 0) return randomValue(choices, 2);
  if (dice === 1 || depth === 0) return choices.pick(leaves)(choices, depth);
  return choices.pick(nodes)(choices, depth - 1);
}

const throwing: ProxyHandler<object> = {
  get: () => trap("get"),
  ownKeys: () => trap("ownKeys"),
  getPrototypeOf: () => trap("getPrototypeOf"),
  getOwnPropertyDescriptor: () => trap("getOwnPropertyDescriptor"),
  has: () => trap("has"),
};

/** Properties that are there and are not. */
const lying: ProxyHandler<object> = {
  getOwnPropertyDescriptor: () => ({ value: 1, enumerable: true, configurable: true }),
  get: () => undefined,
};

function trap(name: string): never {
  throw new Trap(name);
}

/** A `length` that is another one every time. */
function growing() {
  let length = 0;
  return (target: object, key: string | symbol) =>
    key === "length" ? length++ : Reflect.get(target, key);
}

function withGetter(get: () => unknown): object {
  return Object.defineProperty({ a: 1 }, "b", { get, enumerable: true });
}

/** An own property of any name, also of one that assigning would mean something else by. */
function withOwn(name: string, value: unknown): object {
  return Object.defineProperty({}, name, { value, enumerable: true });
}

/** Another value at each reading. */
function changing(values: readonly unknown[]): object {
  let reads = 0;
  return withGetter(() => values[reads++ % values.length]);
}

function cyclic(inside: unknown): object {
  const cycle: Record<string, unknown> = { inside };
  cycle.again = [cycle];
  return cycle;
}

function nested(levels: number): unknown {
  let value: unknown = 1;
  for (let i = 0; i < levels; i++) value = i % 2 === 0 ? [value] : { a: value };
  return value;
}

function sparse(length: number): unknown[] {
  const array: unknown[] = [];
  array[length] = 1;
  return array;
}

function detached(): ArrayBuffer {
  const buffer = new ArrayBuffer(4);
  structuredClone(buffer, { transfer: [buffer] });
  return buffer;
}

function revoked(target: object = {}): object {
  const { proxy, revoke } = Proxy.revocable(target, {});
  revoke();
  return proxy;
}

function argumentsObject(..._given: unknown[]): unknown {
  // biome-ignore lint/complexity/noArguments: the very object that is tried here
  return arguments;
}

function asObject(value: unknown): object {
  return typeof value === "object" && value !== null ? value : { value };
}
