import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalCopy } from "../../src/values/canonical";
import { compileValidator } from "../../src/values/check";
import { commitTsPlaceholder } from "../../src/values/commit-ts";
import { compileDocumentIngest } from "../../src/values/document-ingest";
import { compileIngest } from "../../src/values/ingest";
import { nestingOf, unicodeProblem, valueLimitProblem } from "../../src/values/limits";
import { REJECTED } from "../../src/values/strict-copy";
import { v } from "../../src/values/v";
import { type GenericValidator, validatorToJson } from "../../src/values/validator";
import type { Value, ValueObject } from "../../src/values/value";
import { fakeId, fakeIds, forAll, validator, valueFor } from "./arbitrary";

function ingest(validator: GenericValidator, value: unknown, levels?: number) {
  return compileIngest(validatorToJson(validator), fakeIds, levels)(value);
}

function mutableParts(value: unknown): object[] {
  if (typeof value !== "object" || value === null) return [];
  return [value, ...Object.values(value).flatMap(mutableParts)];
}

const pair = validator.chain((json) => fc.tuple(fc.constant(json), valueFor(json)));

describe("ingest", () => {
  it("[VLD19][VLD20] lets in exactly what matches, as a canonical copy", () => {
    let accepted = 0;
    forAll(pair, ([json, raw]) => {
      const result = compileIngest(json, fakeIds)(raw);
      const canonical = canonicalCopy(raw);
      const matches = compileValidator(json, fakeIds)(canonical) === undefined;
      if (result === REJECTED) {
        // Nothing ordinary is refused: only fields whose names are found in every object.
        if (!JSON.stringify(json).includes('"toString"')) expect(matches).toBe(false);
        return;
      }
      accepted++;
      expect(matches).toBe(true);
      expect(result).toEqual(canonical);
      expect(JSON.stringify(shapeOf(result))).toBe(JSON.stringify(shapeOf(canonical)));
      expect(valueLimitProblem(result)).toBe(undefined);
      expect(unicodeProblem(result)).toBe(undefined);
      const source = new Set(mutableParts(raw));
      expect(mutableParts(result).some((part) => source.has(part))).toBe(false);
    });
    expect(accepted).toBeGreaterThan(50);
  });

  /** Keys in order, at every depth. */
  function shapeOf(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(shapeOf);
    if (typeof value !== "object" || value === null) return 0;
    return Object.entries(value).map(([key, field]) => [key, shapeOf(field)]);
  }

  it("[VLD19] gives plain objects", () => {
    const result = ingest(v.object({ b: v.string(), a: v.number() }), { b: "x", a: 1 }) as object;
    expect(Object.getPrototypeOf(result)).toBe(Object.prototype);
    expect(result.constructor).toBe(Object);
    expect(Object.keys(result)).toEqual(["a", "b"]);
    expect(result).toStrictEqual({ a: 1, b: "x" });
  });

  it("[VLD19] drops properties that are undefined, declared or not", () => {
    const validator = v.object({ a: v.number(), b: v.optional(v.string()) });
    expect(ingest(validator, { a: 1, b: undefined, c: undefined })).toStrictEqual({ a: 1 });
    expect(ingest(validator, { a: undefined, b: "x" })).toBe(REJECTED);
    expect(ingest(validator, { a: 1, c: 2, b: undefined })).toBe(REJECTED);
    expect(ingest(v.record(v.string(), v.number()), { x: undefined, y: 1 })).toEqual({ y: 1 });
  });

  it("[VLD19][VLD20] reads fields in any order, whatever it has read before", () => {
    const validator = v.object({
      a: v.number(),
      b: v.optional(v.object({ c: v.string(), d: v.optional(v.array(v.number())) })),
      e: v.optional(v.string()),
      f: v.any(),
    });
    const entries: [string | symbol, unknown][] = [
      ["a", 1],
      ["a", "wrong"],
      ["b", { d: [1, 2], c: "x" }],
      ["b", { c: "x", d: [1, 2] }],
      ["b", { c: "x", [Symbol("c")]: [] }],
      ["e", undefined],
      ["e", "y"],
      ["f", { z: 1, y: [{ x: 1, w: 2 }] }],
      ["undeclared", 1],
      ["undeclared", undefined],
      [Symbol("s"), {}],
    ];
    const check = compileValidator(validatorToJson(validator), fakeIds);
    forAll(fc.array(fc.shuffledSubarray(entries), { minLength: 30 }), (objects) => {
      const compiled = compileIngest(validatorToJson(validator), fakeIds);
      for (const raw of objects.map((fields) => Object.fromEntries(fields) as ValueObject)) {
        const canonical = canonicalCopy(raw);
        const expected = check(canonical) === undefined ? canonical : REJECTED;
        const result = compiled(raw);
        expect(result).toStrictEqual(expected);
        expect(JSON.stringify(shapeOf(result))).toBe(JSON.stringify(shapeOf(expected)));
      }
    });
  });

  it("[VLD20] copies bytes", () => {
    const buffer = Uint8Array.of(1).buffer;
    const copy = ingest(v.bytes(), buffer) as ArrayBuffer;
    expect(copy).toEqual(buffer);
    expect(copy).not.toBe(buffer);
  });

  it.each<[string, GenericValidator, unknown]>([
    ["half a surrogate pair", v.string(), "\ud800"],
    ["half a pair as literal's neighbour", v.union(v.literal("a"), v.string()), "\ud800"],
    ["half a pair inside", v.object({ a: v.array(v.string()) }), { a: ["\udc00"] }],
    ["half a pair under any", v.object({ a: v.any() }), { a: "\udc00" }],
    ["too large an Int64", v.int64(), 2n ** 63n],
    ["too long an array", v.array(v.number()), new Array(8193).fill(0)],
    ["a sparse array", v.array(v.number()), new Array(2)],
    [
      "too many fields",
      v.record(v.string(), v.number()),
      Object.fromEntries(Array.from({ length: 1025 }, (_, i) => [`f${i}`, i])),
    ],
    ["a reserved name", v.record(v.string(), v.number()), { $a: 1 }],
    ["a name that is not ASCII", v.record(v.string(), v.number()), { ä: 1 }],
    ["a field __proto__", v.record(v.string(), v.number()), JSON.parse('{"__proto__":1}')],
    [
      "an instance",
      v.object({ a: v.number() }),
      new (class {
        a = 1;
      })(),
    ],
    ["a Date", v.any(), new Date()],
    ["undefined", v.any(), undefined],
    ["undefined in an array", v.array(v.any()), [undefined]],
    ["a function", v.union(v.any(), v.null()), () => 1],
    ["another table's id", v.id("users"), fakeId("posts")],
    ["an array for an object", v.object({}), []],
    ["an object for an array", v.array(v.any()), {}],
    ["a field of the prototype", v.object({ toString: v.any() }), {}],
    ["the placeholder as Int64", v.int64(), commitTsPlaceholder],
    ["the placeholder as literal", v.literal(2n ** 63n - 1n), commitTsPlaceholder],
    ["the placeholder as anything", v.any(), commitTsPlaceholder],
  ])("[VLD21] refuses %s", (_, validator, value) => {
    expect(ingest(validator, value)).toBe(REJECTED);
  });

  it("[VLD21] refuses inherited fields", () => {
    expect(ingest(v.object({ a: v.number() }), Object.create({ a: 1 }))).toBe(REJECTED);
  });

  it("[VLD19] takes the placeholder where a commit timestamp is asked for", () => {
    expect(ingest(v.object({ at: v.commitTs() }), { at: commitTsPlaceholder })).toEqual({
      at: commitTsPlaceholder,
    });
  });

  it("[VLD21] counts levels, those under any too", () => {
    const validator = v.object({ a: v.array(v.any()) });
    expect(ingest(validator, { a: [[[]]] }, 4)).toEqual({ a: [[[]]] });
    expect(ingest(validator, { a: [[[]]] }, 3)).toBe(REJECTED);
    expect(ingest(v.object({}), {}, 0)).toBe(REJECTED);
    expect(ingest(v.array(v.array(v.string())), [], 1)).toEqual([]);
    expect(ingest(v.array(v.array(v.string())), [[]], 1)).toBe(REJECTED);
    expect(nestingOf(ingest(validator, { a: [[[]]] }, 4) as Value)).toBe(4);
  });

  it("[VLD21] refuses cycles", () => {
    const cycle: unknown[] = [];
    cycle.push(cycle);
    expect(ingest(v.any(), cycle)).toBe(REJECTED);
  });
});

describe("document ingest", () => {
  const message = v.object({
    body: v.string(),
    Zone: v.optional(v.number()),
    author: v.id("users"),
    tags: v.array(v.string()),
  });
  const plain = { tags: ["x"], author: fakeId("users"), body: "b", Zone: 1 };

  function build(validator: GenericValidator, value: unknown, id = "the id", time = 5) {
    return compileDocumentIngest(validatorToJson(validator), fakeIds)(value, id, time);
  }

  it("[VLD22] puts system fields where they sort", () => {
    const document = build(message, plain) as ValueObject;
    expect(Object.keys(document)).toEqual([
      "Zone",
      "_creationTime",
      "_id",
      "author",
      "body",
      "tags",
    ]);
    expect(document).toStrictEqual({ ...plain, _creationTime: 5, _id: "the id" });
    expect(document.tags).not.toBe(plain.tags);
    expect(Object.keys(build(v.any(), { b: 1, A: 2 }) as object)).toEqual([
      "A",
      "_creationTime",
      "_id",
      "b",
    ]);
  });

  it("[VLD22] takes system fields that are the document's own", () => {
    for (const validator of [message, v.any(), v.union(v.object({ x: v.null() }), message)]) {
      expect(build(validator, { ...plain, _id: "the id", _creationTime: 5 })).toStrictEqual(
        build(validator, plain),
      );
      expect(build(validator, { ...plain, _id: "the id" })).toStrictEqual(build(validator, plain));
      expect(build(validator, { ...plain, _id: undefined })).toStrictEqual(build(validator, plain));
      expect(build(validator, { ...plain, _id: "other" })).toBe(REJECTED);
      expect(build(validator, { ...plain, _creationTime: 6 })).toBe(REJECTED);
      expect(build(validator, { ...plain, _creationTime: 6, _id: "the id" })).toBe(REJECTED);
    }
  });

  it("[VLD22] refuses other fields with a leading underscore", () => {
    expect(build(v.any(), { _x: 1 })).toBe(REJECTED);
    expect(build(v.object({ _x: v.number() }), { _x: 1 })).toBe(REJECTED);
    expect(build(v.object({ o: v.object({ _x: v.number() }) }), { o: { _x: 1 } })).not.toBe(
      REJECTED,
    );
  });

  it("[VLD22][VLD23] ignores what the validator says of system fields", () => {
    const declared = v.object({ _id: v.number(), _creationTime: v.string(), a: v.null() });
    expect(build(declared, { a: null })).toStrictEqual({
      _creationTime: 5,
      _id: "the id",
      a: null,
    });
  });

  it("[VLD21] refuses what is no object, too deep, extra or missing", () => {
    for (const bad of [null, [], "x", new Date(), { ...plain, z: 1 }, { body: "b" }]) {
      expect(build(message, bad)).toBe(REJECTED);
    }
    let deep: unknown = {};
    for (let i = 0; i < 14; i++) deep = [deep];
    expect(build(v.any(), { deep })).not.toBe(REJECTED);
    expect(build(v.any(), { deep: [deep] })).toBe(REJECTED);
    expect(build(v.object({ deep: v.any() }), { deep })).not.toBe(REJECTED);
    expect(build(v.object({ deep: v.any() }), { deep: [deep] })).toBe(REJECTED);
    expect(build(v.string(), "x")).toBe(REJECTED);
  });

  it("[VLD19] agrees with plain ingest", () => {
    const objects = validator.filter(
      (json) => json.type === "object" && !JSON.stringify(json).includes('"_d"'),
    );
    forAll(
      objects.chain((json) => fc.tuple(fc.constant(json), valueFor(json))),
      ([json, raw]) => {
        const fields = compileIngest(json, fakeIds, 16)(raw);
        const document = compileDocumentIngest(json, fakeIds)(raw, "the id", 5);
        if (fields === REJECTED) expect(document).toBe(REJECTED);
        else
          expect(document).toEqual({ ...(fields as ValueObject), _id: "the id", _creationTime: 5 });
      },
    );
  });
});
