import {
  CommitTsPlaceholder as TheirPlaceholder,
  convexToJson as theirConvexToJson,
  jsonToConvex as theirJsonToConvex,
} from "convex/values";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalCopy } from "../../src/values/canonical";
import { commitTsPlaceholder } from "../../src/values/commit-ts";
import {
  adoptJson,
  convexOrUndefinedToJson,
  convexToJson,
  jsonToConvex,
  patchValueToJson,
} from "../../src/values/convex-json";
import type { JSONValue, Value } from "../../src/values/value";
import { forAll, value } from "./arbitrary";

/** What a call throws, as text. */
function errorOf(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error("nothing was thrown");
}

/** Wire JSON as text, the keys of every object in the wrong order. */
function backwards(original: Value): string {
  return JSON.stringify(convexToJson(original), (_, json) =>
    typeof json === "object" && json !== null && !Array.isArray(json)
      ? Object.fromEntries(Object.entries(json).reverse())
      : json,
  );
}

/** A value as text that shows the order of keys. */
function inOrder(shown: Value): string {
  return JSON.stringify(shown, (_, each) => (typeof each === "bigint" ? `${each}n` : each));
}

describe("wire JSON", () => {
  it.each<[Value, JSONValue]>([
    [null, null],
    [true, true],
    ["x", "x"],
    [1.5, 1.5],
    [1n, { $integer: "AQAAAAAAAAA=" }],
    [-1n, { $integer: "//////////8=" }],
    [Number.NaN, { $float: "AAAAAAAA+H8=" }],
    [-0, { $float: "AAAAAAAAAIA=" }],
    [Number.POSITIVE_INFINITY, { $float: "AAAAAAAA8H8=" }],
    [Number.NEGATIVE_INFINITY, { $float: "AAAAAAAA8P8=" }],
    [Uint8Array.of(1, 2, 3).buffer, { $bytes: "AQID" }],
    [commitTsPlaceholder, { $commitTs: null }],
    [
      { b: [1n], a: {} },
      { a: {}, b: [{ $integer: "AQAAAAAAAAA=" }] },
    ],
  ])("[VAL6] of %s", (decoded, encoded) => {
    expect(convexToJson(decoded)).toEqual(encoded);
    expect(jsonToConvex(encoded)).toEqual(decoded);
  });

  it("[VAL7] is adopted as what its canonical copy would be, key by key", () => {
    forAll(value, (original) => {
      for (const text of [JSON.stringify(convexToJson(original)), backwards(original)]) {
        const adopted = adoptJson(JSON.parse(text));
        const copied = canonicalCopy(jsonToConvex(JSON.parse(text)));
        expect(adopted).toEqual(copied);
        expect(inOrder(adopted)).toBe(inOrder(copied));
      }
    });
    for (const bad of [
      '{"a":{"$integer":"?"}}',
      '{"a":[{"$b":1}]}',
      "[".repeat(999) + "]".repeat(999),
    ]) {
      const [adopting, decoding] = [adoptJson, jsonToConvex].map((read) =>
        errorOf(() => read(JSON.parse(bad))),
      );
      expect(adopting).toBe(decoding);
    }
  });

  it("[VAL7] is Convex's, and decodes to what was encoded", () => {
    forAll(value, (original) => {
      const json = convexToJson(original);
      expect(JSON.stringify(json)).toBe(JSON.stringify(theirConvexToJson(original as never)));
      const decoded = jsonToConvex(JSON.parse(JSON.stringify(json)));
      expect(decoded).toEqual(theirJsonToConvex(json as never));
      expect(decoded).toEqual(original);
    });
  });

  it("[VAL7] reads the largest and smallest Int64", () => {
    for (const edge of [2n ** 63n - 1n, -(2n ** 63n)]) {
      expect(jsonToConvex(convexToJson(edge))).toBe(edge);
    }
  });

  it.each<JSONValue>([
    { $float: "AAAAAAAA8D8=" },
    { $float: "AAAAAAAAAAA=" },
    { $float: "AAAA" },
    { $float: 1 },
    { $integer: "AAAA" },
    { $integer: null },
    { $bytes: 5 },
    { $bytes: "AAA" },
    { $commitTs: 1 },
    { $set: [] },
    { $map: [] },
    { $other: 1 },
    { $integer: "AQAAAAAAAAA=", a: 1 },
    { a: { é: 1 } },
    { a: { ["x".repeat(1025)]: 1 } },
    [{ "\n": 1 }],
  ])("[VAL8] refuses %j as Convex does", (json) => {
    expect(errorOf(() => jsonToConvex(json))).toBe(errorOf(() => theirJsonToConvex(json as never)));
  });

  it("[VAL8] refuses what is no JSON", () => {
    expect(errorOf(() => jsonToConvex(undefined as never))).toBe("Unexpected type of undefined");
    expect(errorOf(() => jsonToConvex((() => 1) as never))).toContain("Unexpected type of () => 1");
  });

  it("[VAL13] keeps a field named __proto__ as data, in both directions", () => {
    const json = JSON.parse('{"a":{"__proto__":{"x":1}}}');
    const decoded = jsonToConvex(json) as { a: object };
    expect(Object.keys(decoded.a)).toEqual(["__proto__"]);
    expect(Object.getPrototypeOf(decoded.a)).toBe(Object.prototype);
    expect(JSON.stringify(convexToJson(decoded as never))).toBe('{"a":{"__proto__":{"x":1}}}');
  });

  it("[VAL13] refuses JSON nested without end instead of overflowing the stack", () => {
    const deep = JSON.parse("[".repeat(100_000) + "]".repeat(100_000));
    expect(errorOf(() => jsonToConvex(deep))).toContain("Value is too nested");
    expect(errorOf(() => convexToJson(deep))).toContain("Value is too nested");
  });
});

class Point {
  x = 1;
}

const misfits: [string, unknown][] = [
  ["undefined", undefined],
  ["a function", () => 1],
  ["an async function", async () => 1],
  ["a symbol", Symbol("s")],
  ["a Date", new Date(0)],
  ["a Set", new Set([1, "a"])],
  ["a Map", new Map([["k", 1]])],
  ["a RegExp", /x/],
  ["a typed array", Uint8Array.of(1, 2)],
  ["an instance", new Point()],
  ["an Error", new Error("no")],
  ["a boxed string", Object("s")],
  ["too large a bigint", 2n ** 63n],
  ["too small a bigint", -(2n ** 63n) - 1n],
  ["an object without constructor", Object.create(Object.create(null))],
  ["a reserved name", { $a: 1 }],
  ["a name that is not ASCII", { ä: 1 }],
  ["a name with a control character", { "a\tb": 1 }],
  ["half a pair as name", { "\u{1f600}": 1 }],
  ["too long a name", { ["n".repeat(1025)]: 1 }],
  ["an undefined element", [1, undefined]],
  ["more text than an error shows", { a: "x".repeat(20_000), b: [undefined] }],
  ["a cut through a pair", { a: `${"x".repeat(16_363)}\u{1f600}`, b: [undefined] }],
];

describe("what is no value", () => {
  it.each(misfits)("[VAL9] %s fails in Convex's words at every depth", (_, misfit) => {
    const places: unknown[] = [
      misfit,
      { a: [misfit] },
      [{ b: 1, a: { c: [0, misfit] } }],
      { z: [undefined], a: [misfit] },
    ];
    for (const place of places) {
      const expected = errorOf(() => theirConvexToJson(place as never));
      expect(errorOf(() => convexToJson(place as never))).toBe(expected);
      expect(errorOf(() => canonicalCopy(place))).toBe(expected);
    }
  });

  it("[VAL9] is found wherever it hides in a value", () => {
    const kinds = misfits.map(([, misfit]) => misfit).slice(0, 14);
    const hidden = fc.letrec<{ place: unknown }>((tie) => ({
      place: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom(...kinds),
        fc.tuple(value, tie("place"), value),
        fc.record({ b: value, a: tie("place"), C: tie("place") }),
      ),
    }));
    forAll(hidden.place, (place) => {
      const ours = attempt(() => convexToJson(place as never));
      expect(ours).toEqual(attempt(() => theirConvexToJson(place as never)));
      expect(attempt(() => convexToJson(canonicalCopy(place)))).toEqual(ours);
    });
  });

  function attempt(call: () => unknown): unknown {
    try {
      return { returned: call() };
    } catch (error) {
      return { threw: (error as Error).message };
    }
  }

  it("[VAL10] a property that is undefined is dropped, an element is not", () => {
    expect(convexToJson({ a: undefined, b: { c: undefined, $no: undefined } })).toEqual({ b: {} });
    expect(errorOf(() => convexToJson({ a: [1, undefined as never] }))).toBe(
      'undefined is not a valid Convex value (present at path .a[1] in original object {"a":[1,"undefined"]}). To learn about Convex\'s supported types, see https://docs.convex.dev/using/types.',
    );
    expect(errorOf(() => convexToJson(undefined as never))).toBe(
      "undefined is not a valid Convex value. To learn about Convex's supported types, see https://docs.convex.dev/using/types.",
    );
  });

  it("[VAL11] a patch marks its own undefined properties", () => {
    expect(patchValueToJson({ b: undefined, a: { c: undefined } })).toEqual({
      a: {},
      b: { $undefined: null },
    });
    expect(errorOf(() => patchValueToJson({ $a: undefined }))).toContain("starts with a '$'");
    expect(patchValueToJson([1n])).toEqual([{ $integer: "AQAAAAAAAAA=" }]);
    expect(convexOrUndefinedToJson(undefined)).toEqual({ $undefined: null });
    expect(convexOrUndefinedToJson(5)).toBe(5);
  });

  it("[VAL23] another package's commit timestamp placeholder is one too", () => {
    const theirs = theirJsonToConvex({ $commitTs: null });
    expect(theirs).toBeInstanceOf(TheirPlaceholder);
    expect(convexToJson(theirs as never)).toEqual({ $commitTs: null });
    expect(canonicalCopy({ a: theirs })).toEqual({ a: commitTsPlaceholder });
    expect((canonicalCopy([theirs]) as Value[])[0]).toBe(commitTsPlaceholder);
  });
});
