// Wire JSON, ranges, cursors and validators out of a grammar of their own, all as wrong as they come.

import { createBackend, isInvexError } from "invex";
import { compareValues, convexToJson, jsonToConvex } from "invex/values";
import { describe, expect, it } from "vitest";
import type { Value } from "../../src/values/value";
import { createLab, query } from "../fixtures/lab";
import { randomField, randomValue } from "../model/random-values";
import { type Choices, forEachSeed } from "../model/seeds";
import { fuzzSeeds } from "./fuzz-seeds";
import { hostile } from "./hostile";
import { expectOnPurpose, expectUnpolluted } from "./soundness";

// biome-ignore lint/suspicious/noExplicitAny: built by name here, so nothing is known of the types
type Untyped = any;

const TAGS = ["$integer", "$float", "$bytes", "$set", "$map", "$undefined", "$commitTs", "$x"];
const ENCODED = [
  "AQAAAAAAAAA=",
  "AAAAAAAA8D8=",
  "AAAAAAAA8H8=",
  "",
  "=",
  "A",
  "AQ==",
  "äö",
  "AQAA",
];

/** JSON that is almost a value's. */
function almostJson(choices: Choices, depth = 3): unknown {
  const dice = choices.below(10);
  if (dice < 3) return convexToJson(randomValue(choices, 2));
  if (dice < 5) return { [choices.pick(TAGS)]: almostLeaf(choices) };
  if (dice < 6) return { [choices.pick(TAGS)]: almostLeaf(choices), b: 1 };
  if (depth === 0 || dice < 7) return almostLeaf(choices);
  if (dice < 8)
    return Array.from({ length: choices.below(4) }, () => almostJson(choices, depth - 1));
  const key = choices.pick(["__proto__", "constructor", "toString", "a", "_x", "", "$", "ä", "\n"]);
  return JSON.parse(`{${JSON.stringify(key)}: ${JSON.stringify(almostJson(choices, depth - 1))}}`);
}

function almostLeaf(choices: Choices): unknown {
  return choices.pick([
    ...ENCODED,
    null,
    0,
    -0,
    Number.POSITIVE_INFINITY,
    1.5,
    true,
    [],
    {},
    "\ud800",
    2 ** 53,
  ]);
}

describe("hostile wire JSON", () => {
  it("[FUZ3] is refused, or is a value that travels unchanged", async () => {
    const seen = { taken: 0, refused: 0 };
    await forEachSeed(fuzzSeeds("wire", 40), (choices) => {
      for (let i = 0; i < 200; i++) {
        const json = almostJson(choices);
        let value: Value;
        try {
          value = jsonToConvex(json as never);
        } catch (error) {
          seen.refused += 1;
          expectOnPurpose(error);
          continue;
        }
        seen.taken += 1;
        const again = jsonToConvex(JSON.parse(JSON.stringify(convexToJson(value))));
        expect(compareValues(again, value)).toBe(0);
      }
      expectUnpolluted();
    });
    expect(seen.taken).toBeGreaterThan(1000);
    expect(seen.refused).toBeGreaterThan(1000);
  });
});

const METHODS = ["eq", "gt", "gte", "lt", "lte", "search", "toString"];
const FIELDS = ["a", "b", "_creationTime", "_id", "n", "__proto__", "", "a.b"];
const RANGE_CODES = ["IndexInvalid", "IndexNotFound", "QueryInvalid", "FunctionFailed"];

type Comparison = readonly [method: string, field: string, value: Value | undefined];

function randomComparisons(choices: Choices): Comparison[] {
  return Array.from({ length: choices.below(4) }, (_, i): Comparison => {
    const field = choices.chance(0.7)
      ? (["a", "b"][Math.min(i, 1)] as string)
      : choices.pick(FIELDS);
    const value = choices.chance(0.8)
      ? choices.pick([0, 1, 2, undefined, null])
      : randomField(choices, 1);
    return [
      choices.chance(0.9) ? choices.pick(METHODS.slice(0, 5)) : choices.pick(METHODS),
      field,
      value,
    ];
  });
}

/** Whether a document passes, judged by the order of values alone. */
function passes(row: Record<string, Value>, comparisons: readonly Comparison[]): boolean {
  return comparisons.every(([method, field, value]) => {
    const order = compareValues(row[field], value);
    if (method === "eq") return order === 0;
    return method.startsWith("g")
      ? order > 0 || (method === "gte" && order === 0)
      : order < 0 || (method === "lte" && order === 0);
  });
}

describe("hostile ranges", () => {
  it("[FUZ4] are refused in Convex's codes, or answer what a look at every document answers", async () => {
    const seen = { answered: 0, refused: 0 };
    await forEachSeed(fuzzSeeds("ranges", 40), async (choices) => {
      let comparisons: readonly Comparison[] = [];
      let misuse: "none" | "reuse" | "nothing" = "none";
      const read = query(async (ctx) => {
        const rows = ctx.db.query("things").withIndex("by_a_b", (q: Untyped) => {
          let chain = q;
          for (const [method, field, value] of comparisons) chain = chain[method](field, value);
          if (misuse === "reuse") q.eq("a", 1);
          return misuse === "nothing" ? undefined : chain;
        });
        return (await rows.collect()) as Untyped;
      });
      const { backend } = createLab({ read }, { onLog: () => {} });
      await backend.run(async (ctx) => {
        for (let i = 0; i < 12; i++) {
          const row = {
            a: choices.below(3),
            ...(choices.chance(0.7) ? { b: choices.below(3) } : {}),
          };
          await ctx.db.insert("things", row);
        }
      });
      const all: Record<string, Value>[] = await backend.run((ctx) =>
        ctx.db.query("things").collect(),
      );
      for (let i = 0; i < 20; i++) {
        comparisons = randomComparisons(choices);
        misuse = choices.chance(0.9) ? "none" : choices.pick(["reuse", "nothing"]);
        // Each question is a new one: what the query answers depends on variables of this test.
        await backend.run((ctx) => ctx.db.insert("others", {}));
        const { result } = await (backend as Untyped).explain("m:read", {});
        if (result.ok) {
          seen.answered += 1;
          const expected = all.filter((row) => passes(row, comparisons));
          expect(result.value.map(idOf).sort()).toEqual(expected.map(idOf).sort());
        } else {
          seen.refused += 1;
          expect(RANGE_CODES).toContain(isInvexError(result.error) ? result.error.code : "none");
        }
      }
      await backend.close();
    });
    expect(seen.answered).toBeGreaterThan(150);
    expect(seen.refused).toBeGreaterThan(150);
  });
});

const idOf = ({ _id }: Record<string, Value>) => String(_id);

describe("hostile cursors", () => {
  const pages = {
    inA: query({
      handler: (ctx, { cursor, n }: Untyped) =>
        ctx.db
          .query("things")
          .withIndex("by_n", (q) => q.gte("n", n ?? 0))
          .paginate({ numItems: 3, cursor }),
    }),
    backwards: query({
      handler: (ctx, { cursor }: Untyped) =>
        ctx.db.query("things").order("desc").paginate({ numItems: 3, cursor }),
    }),
  };

  async function filled(seed: string) {
    const { backend } = createLab(pages, { seed, onLog: () => {} });
    await backend.run(async (ctx) => {
      for (let n = 0; n < 10; n++) await ctx.db.insert("things", { n });
    });
    const { continueCursor } = await backend.query("m:inA", { cursor: null });
    return { backend, cursor: continueCursor as string };
  }

  it("[FUZ5] cut, changed, of another query or another backend give an error and no document", async () => {
    const other = await filled("other");
    await forEachSeed(fuzzSeeds("cursors", 30), async (choices) => {
      const { backend, cursor } = await filled("own");
      const honest = await backend.query("m:inA", { cursor });
      expect(honest.page).toHaveLength(3);
      for (let i = 0; i < 20; i++) {
        const forged = forge(choices, cursor, other.cursor);
        if (forged === cursor) continue;
        await expectRefused(backend.query("m:inA", { cursor: forged }));
      }
      await expectRefused(backend.query("m:backwards", { cursor }));
      await expectRefused(backend.query("m:inA", { cursor, n: 1 }));
      expect(await backend.query("m:inA", { cursor })).toEqual(honest);
      await backend.close();
    });
  });

  async function expectRefused(answer: Promise<unknown>): Promise<void> {
    const outcome = await answer.then(
      (page) => ({ page }),
      (error: Error) => ({ error }),
    );
    if ("page" in outcome) expect.fail(`a page: ${JSON.stringify(outcome.page)}`);
    expectOnPurpose(outcome.error);
    expect(outcome.error.message).toMatch(/cursor|Cursor|Invalid argument|Key is invalid/);
  }

  function forge(choices: Choices, cursor: string, other: string): string {
    const at = choices.below(cursor.length);
    const letters = "ABCxyz019+/=-_ \u0000é";
    switch (choices.below(7)) {
      case 0:
        return cursor.slice(0, at);
      case 1:
        return cursor.slice(at);
      case 2:
        return cursor.slice(0, at) + choices.pick([...letters]) + cursor.slice(at + 1);
      case 3:
        return other;
      case 4:
        return cursor.slice(0, at) + other.slice(at);
      case 5:
        return cursor + choices.pick([...letters]);
      default:
        return choices.pick([
          "",
          "end",
          "null",
          "{}",
          "[]",
          "0",
          cursor.toLowerCase(),
          cursor + cursor,
        ]);
    }
  }
});

describe("hostile definitions", () => {
  it("[FUZ6] of validators make a function that cannot be called, and says so", async () => {
    await forEachSeed(fuzzSeeds("definitions", 60), async (choices) => {
      const definition = () => {
        const json = choices.chance(0.5) ? hostile(choices) : almostValidator(choices);
        return choices.chance(0.7) ? safeJson(json) : json;
      };
      const wrong = Object.assign(() => {}, {
        isQuery: true,
        isPublic: true,
        isRegistered: true,
        _handler: () => 1,
        exportArgs: definition,
        exportReturns: choices.chance(0.5) ? definition : () => "null",
      });
      const sound = query(() => "sound");
      const backend = createBackend({ modules: { m: { wrong, sound } }, seed: "definitions" });
      try {
        await backend.query("m:wrong", {});
      } catch (error) {
        expectOnPurpose(error);
      }
      expect(await backend.query("m:sound", {})).toBe("sound");
      expectUnpolluted();
      await backend.close();
    });
  });

  function safeJson(value: unknown): unknown {
    try {
      return JSON.stringify(value);
    } catch {
      return "{";
    }
  }

  function almostValidator(choices: Choices, depth = 2): unknown {
    const type = choices.pick([
      "any",
      "string",
      "object",
      "array",
      "union",
      "record",
      "literal",
      "id",
      "x",
    ]);
    const inner = () =>
      depth === 0 ? choices.pick([null, 1, "any"]) : almostValidator(choices, depth - 1);
    const value = choices.pick([
      () => inner(),
      () => [inner()],
      () => ({ a: { fieldType: inner(), optional: choices.pick([true, false, 1]) } }),
      () => JSON.parse('{"__proto__": {"fieldType": {"type": "any"}, "optional": false}}'),
      () => undefined,
    ])();
    return {
      type,
      value,
      tableName: choices.pick(["things", "", 1]),
      keys: inner(),
      values: inner(),
    };
  }
});
