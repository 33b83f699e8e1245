// From values to documents: what is refused in which order and words, and what comes out.

import { describe, expect, it } from "vitest";
import type { Transaction } from "../../src/db/transaction";
import { must } from "../../src/shared/assert";
import { compareValues } from "../../src/values/compare";
import { getDocumentSize } from "../../src/values/size";
import type { Value } from "../../src/values/value";
import { randomObject, randomValue } from "../model/random-values";
import { forEachSeed, seeds } from "../model/seeds";
import { failureOf } from "./message-of";
import { openDatabase } from "./open-database";

const open = openDatabase("shape");
const { items, anything } = open;

/** Runs `body` in a transaction that is given up. */
function within<T>(body: (tx: Transaction) => T): T {
  const tx = open.database.begin();
  try {
    return body(tx);
  } finally {
    tx.close();
  }
}

const nested = (levels: number): Value => (levels === 0 ? 1 : [nested(levels - 1)]);
const documentOf = (tx: Transaction, id: string) => must(tx.get(anything, id)).document;

describe("a value is refused", () => {
  it("[SHP1] for another id or creation time than the document's, before all else", () => {
    within((tx) => {
      const id = tx.insert(anything, { x: 1 });
      const other = tx.insert(anything, {});
      const { _creationTime } = documentOf(tx, id);
      expect(failureOf(() => tx.replace(anything, id, { _id: other, _bad: 1 }))).toEqual({
        code: "InvalidIdError",
        message: `Provided document ID "${id}" doesn't match '_id' field "${other}"`,
      });
      expect(failureOf(() => tx.patch(anything, id, { _creationTime: 5 }))).toEqual({
        code: "InvalidCreationTimeError",
        message: `Provided creation time ${_creationTime} doesn't match '_creationTime' field in {_creationTime: 5.0}`,
      });
      expect(failureOf(() => tx.insert(anything, { _id: id })).code).toBe("InvalidIdError");
      expect(failureOf(() => tx.insert(anything, { _creationTime })).code).toBe(
        "InvalidCreationTimeError",
      );
      tx.replace(anything, id, { _id: id, _creationTime, x: 2 });
      tx.patch(anything, id, { _id: id, _creationTime, y: 2 });
      expect(documentOf(tx, id)).toEqual({ _id: id, _creationTime, x: 2, y: 2 });
    });
  });

  it("[SHP2] for its structure, every violation in one text", () => {
    within((tx) => {
      const { code, message } = failureOf(() =>
        tx.insert(anything, { _b: 1, _a: 2, x: nested(16) }),
      );
      expect(code).toBe("ValueInvalid");
      expect(message).toMatch(
        /^Document\(value: \{_a: 2\.0, _b: 1\.0, _creationTime: .*\}\) isn't a/,
      );
      expect(message.split("isn't a valid document: ")[1]).toBe(
        [
          "Field '_a' starts with an underscore, which is only allowed for system fields like '_id'",
          "Field '_b' starts with an underscore, which is only allowed for system fields like '_id'",
          "Document is too nested (nested 17 levels deep > maximum nesting 16)",
        ].join("\n "),
      );
      tx.insert(anything, { x: nested(15), y: { _z: 1 } });
    });
  });

  it("[SHP2] for its structure before its type, for its type before its size", () => {
    within((tx) => {
      const big = "x".repeat(1024 * 1024);
      expect(failureOf(() => tx.insert(items, { a: "no", _b: big })).code).toBe("ValueInvalid");
      expect(failureOf(() => tx.insert(items, { a: "no", b: big })).code).toBe(
        "SchemaEnforcementError",
      );
      expect(failureOf(() => tx.insert(items, { a: 1, b: big }))).toEqual({
        code: "ValueTooLargeError",
        message: "Value is too large (1.00 MiB > maximum size 1 MiB)",
      });
    });
  });

  it("[SHP3] for not matching the schema, which sees no system fields", () => {
    within((tx) => {
      const id = tx.insert(items, { a: 1 });
      const prefix =
        'Failed to insert or update a document in table "items" because it does not match the schema: ';
      for (const write of [
        () => tx.insert(items, { a: 1, c: 2 }),
        () => tx.replace(items, id, { a: 1, c: 2 }),
        () => tx.patch(items, id, { c: 2 }),
      ]) {
        const { code, message } = failureOf(write);
        expect(code).toBe("SchemaEnforcementError");
        expect(message.startsWith(`${prefix}Object contains extra field \`c\``)).toBe(true);
        expect(message).not.toContain("_creationTime");
      }
      expect(failureOf(() => tx.patch(items, id, { a: undefined })).message).toContain(
        "Object is missing the required field `a`",
      );
    });
  });

  it("[SHP4] for what no value may be, with the method that was called", () => {
    within((tx) => {
      const id = tx.insert(anything, {});
      const writes = {
        "db.insert": (value: unknown) => tx.insert(anything, value),
        "db.replace": (value: unknown) => tx.replace(anything, id, value),
        "db.patch": (value: unknown) => tx.patch(anything, id, value),
      };
      const long = new Array(8193).fill(1);
      for (const [method, write] of Object.entries(writes)) {
        const prefix = `Invalid argument \`value\` for \`${method}\`: `;
        expect(failureOf(() => write([1])).message).toBe(`${prefix}Value must be an Object`);
        expect(failureOf(() => write({ x: long })).message).toBe(
          `${prefix}Array length is too long (8193 > maximum length 8192)`,
        );
        expect(failureOf(() => write({ x: nested(70) })).message).toBe(
          `${prefix}Value is too nested (nested 65 levels deep > maximum nesting 64)`,
        );
        expect(failureOf(() => write({ x: [undefined] })).message).toMatch(
          /^undefined is not a valid Convex value/,
        );
        expect(failureOf(() => write({ x: new Date(0) })).message).toMatch(
          /is not a supported Convex type/,
        );
      }
    });
  });

  it("[SHP4] for more fields than an object has, also when a patch adds them up", () => {
    const fields = (from: number, to: number) =>
      Object.fromEntries(Array.from({ length: to - from }, (_, i) => [`f${from + i}`, 1]));
    within((tx) => {
      expect(failureOf(() => tx.insert(anything, fields(0, 1025))).message).toBe(
        "Invalid argument `value` for `db.insert`: Object has too many fields (1025 > maximum number 1024)",
      );
      const id = tx.insert(anything, fields(0, 1000));
      expect(failureOf(() => tx.patch(anything, id, fields(1000, 1100))).message).toContain(
        "Object has too many fields (1100 > maximum number 1024)",
      );
    });
  });

  it("[SHP5] for the size of the document with its system fields, to the byte", () => {
    within((tx) => {
      const room = 1024 * 1024 - getDocumentSize({ x: "" });
      const id = tx.insert(anything, { x: "y".repeat(room) });
      expect(must(tx.get(anything, id)).size).toBe(1024 * 1024);
      expect(failureOf(() => tx.insert(anything, { x: "y".repeat(room + 1) })).code).toBe(
        "ValueTooLargeError",
      );
      expect(failureOf(() => tx.patch(anything, id, { z: 1 })).code).toBe("ValueTooLargeError");
      tx.patch(anything, id, { x: 1, z: 2 });
    });
  });
});

describe("a write that changes nothing", () => {
  it("[SHP6] keeps the very version, and asks neither schema nor limits", () => {
    within((tx) => {
      const id = tx.insert(anything, { x: 1, list: [{ y: 1n }], zero: -0, nan: Number.NaN });
      const before = tx.get(anything, id);
      const written = tx.usage.used.documentsWritten;
      tx.patch(anything, id, {});
      tx.patch(anything, id, { list: [{ y: 1n }], nan: Number.NaN, gone: undefined });
      tx.patch(anything, id, { _id: undefined, _creationTime: undefined });
      tx.replace(anything, id, { list: [{ y: 1n }], nan: Number.NaN, x: 1, zero: -0 });
      tx.replace(anything, id, must(before).document);
      expect(tx.get(anything, id)).toBe(before);
      expect(tx.usage.used.documentsWritten).toBe(written);
      tx.patch(anything, id, { zero: 0 });
      expect(tx.get(anything, id)).not.toBe(before);
    });
  });

  it("[SHP6] is allowed on a document that the schema would refuse", () => {
    const { database, items: table } = openDatabase("old-data");
    const _id = within((tx) => tx.insert(items, { a: 1 }));
    database.load(table, [{ _id, _creationTime: 1, a: "old" }]);
    const tx = database.begin();
    tx.patch(table, _id, { a: "old" });
    tx.replace(table, _id, { a: "old" });
    expect(tx.hasWrites).toBe(false);
    expect(failureOf(() => tx.patch(table, _id, { b: 1 })).code).toBe("SchemaEnforcementError");
    tx.close();
  });
});

describe("a document", () => {
  it("[SHP7] has sorted fields, nothing undefined, and shares nothing with what was given", () => {
    within((tx) => {
      const given = { z: { b: 1, a: [1], u: undefined }, Upper: 1, _x: undefined, a: undefined };
      const id = tx.insert(anything, given);
      const document = documentOf(tx, id);
      expect(Object.keys(document)).toEqual(["Upper", "_creationTime", "_id", "z"]);
      expect(Object.keys(document["z"] as object)).toEqual(["a", "b"]);
      given.z.a.push(2);
      expect(document["z"]).toEqual({ a: [1], b: 1 });
      const nestedValue = { deep: [1] };
      tx.patch(anything, id, { later: nestedValue });
      nestedValue.deep.push(2);
      expect(documentOf(tx, id)["later"]).toEqual({ deep: [1] });
    });
  });

  it("[SHP8] comes out of any writes as merging plain objects says, with its exact size", async () => {
    await forEachSeed(seeds("merge", 40), (choices) => {
      within((tx) => {
        let model = randomObject(choices);
        dropReserved(model);
        const id = tx.insert(anything, model);
        for (let i = 0; i < 12; i++) {
          const changes: Record<string, Value | undefined> = randomObject(choices);
          dropReserved(changes);
          if (choices.chance(0.3)) {
            tx.replace(anything, id, changes);
            model = changes as Record<string, Value>;
          } else {
            for (const field of Object.keys(model)) {
              if (choices.chance(0.2)) changes[field] = undefined;
            }
            if (choices.chance(0.2)) changes["a"] = randomValue(choices, 1);
            tx.patch(anything, id, changes);
            model = merged(model, changes);
          }
          const version = must(tx.get(anything, id));
          const { _id, _creationTime, ...fields } = version.document;
          expect(compareValues(fields, model)).toBe(0);
          expect(Object.keys(version.document)).toEqual(Object.keys(version.document).sort());
          expect(version.size).toBe(getDocumentSize(version.document));
          const nestedFields = Object.entries(version.document)
            .filter(([, value]) => typeof value === "object" && value !== null)
            .map(([field]) => field);
          expect(version.nested).toEqual(nestedFields);
        }
      });
    });
  });
});

function dropReserved(fields: Record<string, unknown>): void {
  for (const field of Object.keys(fields)) if (field.startsWith("_")) delete fields[field];
}

function merged(
  fields: Record<string, Value>,
  changes: Record<string, Value | undefined>,
): Record<string, Value> {
  const entries = Object.entries({ ...fields, ...changes });
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined)) as Record<
    string,
    Value
  >;
}
