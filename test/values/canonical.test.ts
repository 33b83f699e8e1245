import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalCopy, canonicalPatch } from "../../src/values/canonical";
import { cloneDocument, cloneValue, nestedFieldsOf } from "../../src/values/clone";
import { commitTsPlaceholder } from "../../src/values/commit-ts";
import { convexToJson, jsonToConvex } from "../../src/values/convex-json";
import { Habit } from "../../src/values/habit";
import { compileIngest } from "../../src/values/ingest";
import { anotherSpread } from "../../src/values/spread";
import { REJECTED, strictCopy } from "../../src/values/strict-copy";
import { isPlainObject, type Value, type ValueObject } from "../../src/values/value";
import { fakeIds, forAll, value } from "./arbitrary";

/** Every object, array and buffer inside a value. */
function parts(value: unknown): object[] {
  if (typeof value !== "object" || value === null) return [];
  return [value, ...Object.values(value).flatMap(parts)];
}

function expectNothingShared(a: unknown, b: unknown): void {
  const seen = new Set(parts(a));
  for (const part of parts(b)) {
    if (part !== commitTsPlaceholder) expect(seen.has(part)).toBe(false);
  }
}

/** Whether keys come in the one order of canonical objects, at every depth. */
function expectCanonicalOrder(value: Value): void {
  const reference = jsonToConvex(JSON.parse(JSON.stringify(convexToJson(value))));
  expect(keysOf(value)).toEqual(keysOf(reference));
}

function keysOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(keysOf);
  return isPlainObject(value) ? Object.entries(value).map(([key, v]) => [key, keysOf(v)]) : null;
}

function nested(levels: number): Value {
  return levels === 0 ? null : [nested(levels - 1)];
}

describe("a canonical copy", () => {
  it("[VAL12] is what the wire would give, and all new", () => {
    forAll(value, (original) => {
      const before = structuredClone(original);
      const copy = canonicalCopy(original);
      expect(copy).toEqual(jsonToConvex(JSON.parse(JSON.stringify(convexToJson(original)))));
      expectCanonicalOrder(copy);
      expectNothingShared(original, copy);
      expect(original).toEqual(before);
    });
  });

  it("[VAL12] sorts keys as bytes, uppercase before underscore before lowercase", () => {
    const copy = canonicalCopy({ b: 1, _id: 2, A: 3, a: undefined, "!": 4 }) as ValueObject;
    expect(Object.keys(copy)).toEqual(["!", "A", "_id", "b"]);
  });

  it("[VAL11] of a patch keeps the patch's own undefined properties only", () => {
    const patch = canonicalPatch({ b: undefined, a: { c: undefined, d: [1] } }) as ValueObject;
    expect(Object.keys(patch)).toEqual(["a", "b"]);
    expect(patch.b).toBe(undefined);
    expect(Object.keys(patch.a as object)).toEqual(["d"]);
    expect(() => canonicalPatch({ ä: undefined })).toThrow("invalid character");
    expect(canonicalPatch([2])).toEqual([2]);
    expect(() => canonicalPatch({ a: [undefined] })).toThrow("present at path .a[0]");
  });
});

describe("hostile sources", () => {
  it("[VAL13] an array without an end is read as far as its length said at first", () => {
    const growing = () => {
      let length = 1;
      const get = (target: unknown[], key: string | symbol) =>
        key === "length" ? length++ : Reflect.get(target, key);
      return new Proxy([7], { get });
    };
    expect(canonicalCopy({ a: growing() })).toEqual({ a: [7] });
    const endless = Object.assign([7, 8], {
      *[Symbol.iterator]() {
        while (true) yield 9;
      },
    });
    expect(canonicalCopy({ a: endless })).toEqual({ a: [7, 8] });
    const ingest = compileIngest({ type: "array", value: { type: "number" } }, fakeIds, 8);
    expect(ingest(growing())).toEqual([7]);
    expect(ingest(endless)).toEqual([7, 8]);
  });

  it("[VAL13] a cycle is an error that names where it closes", () => {
    const array: unknown[] = [];
    array.push({ b: array });
    expect(() => canonicalCopy({ a: array })).toThrow("The object at path .a[0].b contains itself");
    expect(() => convexToJson(array as never)).toThrow("The object at path [0].b contains itself");
    const bush: Record<string, unknown> = {};
    bush.x = bush;
    bush.y = { z: bush };
    expect(() => canonicalCopy(bush)).toThrow("contains itself");
    expect(() => canonicalPatch(bush)).toThrow("contains itself");
  });

  it("[VAL13] one object in two places is no cycle", () => {
    const shared = { n: 1 };
    const copy = canonicalCopy({ a: shared, b: [shared] }) as ValueObject;
    expect(copy).toEqual({ a: { n: 1 }, b: [{ n: 1 }] });
    expectNothingShared(copy.a, copy.b);
  });

  it("[VAL13] bottomless nesting is an error, not a stack overflow", () => {
    let deep: unknown = null;
    for (let i = 0; i < 200_000; i++) deep = i % 2 ? [deep] : { deep };
    expect(() => canonicalCopy(deep)).toThrow(
      "Value is too nested (nested 65 levels deep > maximum nesting 64)",
    );
    const bottomless = new Proxy(
      {},
      {
        ownKeys: () => ["a"],
        get: () => bottomless,
        getOwnPropertyDescriptor: () => ({ value: 1, enumerable: true, configurable: true }),
      },
    );
    expect(() => canonicalCopy(bottomless)).toThrow(/contains itself|too nested/);
  });

  it("[VAL13] moderate nesting is copied, for the limits to judge", () => {
    expect(canonicalCopy(nested(100))).toEqual(nested(100));
  });

  it("[VAL13] an own __proto__ field is data, in copies and clones", () => {
    const source = JSON.parse('{"__proto__":{"evil":true},"a":1}');
    for (const copy of [
      canonicalCopy(source),
      cloneValue(canonicalCopy(source)),
      canonicalPatch(source),
    ]) {
      expect(Object.keys(copy as object).sort()).toEqual(["__proto__", "a"]);
      expect(Object.getPrototypeOf(copy)).toBe(Object.prototype);
      expect((copy as { evil?: unknown }).evil).toBe(undefined);
      expect(Object.getOwnPropertyDescriptor(copy, "__proto__")?.value).toEqual({ evil: true });
    }
    expect(({} as { evil?: unknown }).evil).toBe(undefined);
  });

  it("[VAL13] getters are read, once, and may not leave anything behind", () => {
    let reads = 0;
    const copy = canonicalCopy({
      get a() {
        reads++;
        return [reads];
      },
    });
    expect(Object.getOwnPropertyDescriptor(copy, "a")).toMatchObject({
      value: [1],
      writable: true,
    });
    expect(reads).toBe(1);
    const boom = {
      get a() {
        throw new Error("boom");
      },
    };
    expect(() => canonicalCopy(boom)).toThrow("boom");
  });

  it("[VAL13] a value that is bad only at first sight still fails", () => {
    let reads = 0;
    const fickle = {
      get a() {
        return reads++ < 2 ? undefined : 1;
      },
      b: Symbol("s"),
    };
    expect(() => canonicalCopy(fickle)).toThrow();
    // How often a getter is called depends on the object read before.
    canonicalCopy({ a: 1 });
    let tries = 0;
    const healing = {
      get a() {
        return tries++ < 2 ? () => 1 : 1;
      },
    };
    expect(() => canonicalCopy(healing)).toThrow("changed while it was being read");
  });

  it("[VAL13] proxies are copied as what they show", () => {
    const copy = canonicalCopy(new Proxy({ b: new Proxy([1], {}), a: 2 }, {})) as ValueObject;
    expect(copy).toEqual({ a: 2, b: [1] });
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    expect(() => canonicalCopy(proxy)).toThrow(TypeError);
  });

  it("[VAL13] holes of sparse arrays become null, as on the wire", () => {
    // biome-ignore lint/suspicious/noSparseArray: the case under test
    expect(canonicalCopy({ a: [1, , 3] })).toEqual({ a: [1, null, 3] });
    expect(() => canonicalCopy(new Array(2 ** 32 - 1))).toThrow("Array length is too long");
  });

  it("[VAL13] symbols and hidden properties are not part of an object", () => {
    const source = Object.defineProperty({ a: 1, [Symbol("s")]: 2 }, "hidden", { value: 3 });
    expect(Reflect.ownKeys(canonicalCopy(source) as object)).toEqual(["a"]);
  });

  it("[VAL13] objects, arrays and buffers of another realm become this one's", () => {
    const foreign = runInNewContext("({ o: { x: 1 }, a: [1], b: new Uint8Array([7]).buffer })");
    const copy = canonicalCopy(foreign) as { o: object; a: unknown; b: ArrayBuffer };
    expect(copy).toEqual({ o: { x: 1 }, a: [1], b: Uint8Array.of(7).buffer });
    expect(Object.getPrototypeOf(copy.o)).toBe(Object.prototype);
    expect(copy.a).toBeInstanceOf(Array);
    expect(copy.b).toBeInstanceOf(ArrayBuffer);
    expect(convexToJson(foreign)).toEqual({ a: [1], b: { $bytes: "Bw==" }, o: { x: 1 } });
  });

  it("[VAL13] objects without prototype are plain", () => {
    const bare = Object.assign(Object.create(null), { a: 1 });
    expect(canonicalCopy(bare)).toEqual({ a: 1 });
    expect(cloneValue(bare)).toEqual({ a: 1 });
  });
});

describe("the strict copy", () => {
  it("[VAL12] is the canonical copy, or refuses", () => {
    forAll(value, (original) => {
      const copy = strictCopy(original, 64);
      expect(copy).toEqual(canonicalCopy(original));
      expectNothingShared(original, copy);
    });
  });

  it("[VLD25] knows shapes again and is not misled by them", () => {
    const names = fc.constantFrom("a", "b", "_id", "A", "", "10", "9", Symbol("s"));
    const scalar = fc.constantFrom(1, "x", null, undefined, true);
    const flat = fc.array(fc.tuple(names, scalar), { maxLength: 5 }).map(Object.fromEntries);
    const field = fc.oneof(scalar, flat, fc.array(flat, { maxLength: 3 }));
    const object = fc.array(fc.tuple(names, field), { maxLength: 5 }).map(Object.fromEntries);
    forAll(fc.array(object, { minLength: 20 }), (objects) => {
      const habit = new Habit();
      for (const original of objects) {
        const copy = strictCopy(original, 64, habit);
        expect(copy).toStrictEqual(naiveCopy(original));
        expect(keysOf(copy as Value)).toEqual(keysOf(naiveCopy(original)));
        expectNothingShared(original, copy);
      }
    });
  });

  it("[VLD25] reads what is inside a few times at most, however deep and disorderly it is", () => {
    let reads = 0;
    const leaf = Object.defineProperty({}, "x", { enumerable: true, get: () => reads++ });
    const symbol = Symbol("s");
    const layers: ((inner: unknown) => object)[] = [
      (a) => ({ a, c: 1, b: 1 }),
      (a) => ({ a, b: 1, c: undefined }),
      (a) => ({ a, b: 1, [symbol]: 1 }),
      (a) => ({ a, b: 1 }),
    ];
    let deep: unknown = leaf;
    for (let i = 0; i < 60; i++) deep = layers[i % layers.length]!(deep);
    expect(strictCopy(deep, 64, new Habit())).not.toBe(REJECTED);
    expect(reads).toBeLessThan(4);
  });

  /** Canonical by the book, for what has no rule to break. */
  function naiveCopy(original: unknown): Value {
    if (Array.isArray(original)) return original.map(naiveCopy);
    if (typeof original !== "object" || original === null) return original as Value;
    const fields = Object.entries(original).filter(([, field]) => field !== undefined);
    const sorted = fields.sort(([a], [b]) => (a < b ? -1 : 1));
    return Object.fromEntries(sorted.map(([name, field]) => [name, naiveCopy(field)]));
  }

  it.each<[string, unknown]>([
    ["undefined", undefined],
    ["a function", () => 1],
    ["half a pair", "\ud800"],
    ["half a pair inside", [{ a: "\udc00" }]],
    ["too large a bigint", 2n ** 63n],
    ["an element undefined", [undefined]],
    ["a reserved name", { $a: 1 }],
    ["a foreign name", { ä: 1 }],
    ["a Date", new Date()],
    ["too long an array", new Array(8193).fill(0)],
    ["too many fields", Object.fromEntries(Array.from({ length: 1025 }, (_, i) => [`f${i}`, i]))],
    ["too many levels", nested(4)],
  ])("[VLD21] refuses %s", (_, source) => {
    expect(strictCopy(source, 3)).toBe(REJECTED);
  });

  it("[VLD21] counts levels as Convex does", () => {
    expect(strictCopy(nested(3), 3)).toEqual(nested(3));
    expect(strictCopy({}, 0)).toBe(REJECTED);
    expect(strictCopy("x", 0)).toBe("x");
  });
});

describe("clones", () => {
  it("[VAL14] are equal and share nothing mutable", () => {
    forAll(value, (original) => {
      const canonical = canonicalCopy(original);
      const clone = cloneValue(canonical);
      expect(clone).toEqual(canonical);
      expect(keysOf(clone)).toEqual(keysOf(canonical));
      expectNothingShared(canonical, clone);
    });
  });

  it("[VAL14] of documents descend into their nested fields", () => {
    const document = fc.dictionary(fc.constantFrom("a", "b", "c", "d"), value);
    forAll(document, (source) => {
      const stored = canonicalCopy(source) as ValueObject;
      const fields = nestedFieldsOf(stored);
      expect(fields).toEqual(
        Object.keys(stored).filter((k) => typeof stored[k] === "object" && stored[k] !== null),
      );
      const clone = cloneDocument(stored, fields, anotherSpread());
      expect(clone).toEqual(stored);
      expectNothingShared(stored, clone);
    });
  });

  it("[VAL14] of frozen values can be changed", () => {
    const frozen = Object.freeze({ a: Object.freeze([Object.freeze({ b: 1 })]) });
    const clone = cloneValue(frozen as never) as { a: { b: number }[] };
    clone.a.push({ b: 2 });
    clone.a[0]!.b = 3;
    expect(frozen).toEqual({ a: [{ b: 1 }] });
  });

  it("[VAL14] documents of one shape share one list of nested fields", () => {
    const list = nestedFieldsOf({ a: [], b: 1, c: {} });
    expect(nestedFieldsOf({ a: [1], b: 2, c: { d: 1 } }, list)).toBe(list);
    expect(nestedFieldsOf({ a: [1], b: 2 }, list)).toEqual(["a"]);
    expect(nestedFieldsOf({ a: [1], b: [], c: {} }, list)).toEqual(["a", "b", "c"]);
    expect(nestedFieldsOf({ x: 1 }, list)).toEqual([]);
    expect(nestedFieldsOf({ x: 1 })).toBe(nestedFieldsOf({ y: null }));
  });

  it("[VAL14] keep the one commit timestamp placeholder", () => {
    const document = { _id: "x", at: commitTsPlaceholder };
    expect(cloneDocument(document, nestedFieldsOf(document), anotherSpread()).at).toBe(
      commitTsPlaceholder,
    );
    expect(cloneValue([commitTsPlaceholder])[0]).toBe(commitTsPlaceholder);
  });
});
