/** Random values, validators and documents for property tests, and the way to run those. */
import fc from "fast-check";
import type { ObjectFieldType, ValidatorJSON } from "../../src/values/validator-json";
import type { Value, ValueObject } from "../../src/values/value";

const seed = Number(process.env.FUZZ_SEED ?? 1);
const numRuns = Number(process.env.FUZZ_RUNS ?? 300);

/**
 * Checks `property` for many random inputs. A failure prints its seed and path; `FUZZ_SEED` and
 * `FUZZ_RUNS` choose others.
 */
export function forAll<T>(arbitrary: fc.Arbitrary<T>, property: (input: T) => void): void {
  fc.assert(
    fc.property(arbitrary, (input) => {
      property(input);
    }),
    { seed, numRuns },
  );
}

export const text = fc.oneof(
  fc.string({ maxLength: 12 }),
  fc.string({ unit: "binary", maxLength: 12 }),
  fc.constantFrom("", "\u{1f600}", "\uffff", "\ufffd", "a\u0000b", "é", '"\\\n', "x".repeat(60)),
);

export const fieldName = fc.oneof(
  fc.constantFrom("a", "b", "A", "_x", "z9", "10", "9", "!x", "", "toString", "constructor"),
  fc.stringMatching(/^[ -#%-~][ -~]{0,6}$/),
);

export const identifier = fc.constantFrom("a", "b", "c", "Z", "_d", "toString", "x1");

export const int64 = fc.oneof(
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.constantFrom(0n, 1n, -1n, 2n ** 63n - 1n, -(2n ** 63n)),
);

export const float = fc.oneof(
  fc.double(),
  fc.integer(),
  fc.constantFrom(0, -0, Number.NaN, 1e16, 1e15, 1e-4, 9.99e-5, 5e-324, Number.MAX_VALUE),
);

export const bytes = fc.uint8Array({ maxLength: 9 }).map((array) => array.slice().buffer);

/** Any value, its objects with fields in random order. */
export const { value } = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.constant(null),
    fc.boolean(),
    float,
    int64,
    text,
    bytes,
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(fieldName, tie("value"), { maxKeys: 5, noNullPrototype: true }),
  ),
}));

export const tables = ["users", "posts", "_storage"] as const;

/** Any validator that keeps the rules, with a table name for ids among {@link tables}. */
export const { validator } = fc.letrec<{ validator: ValidatorJSON; field: ObjectFieldType }>(
  (tie) => ({
    field: fc.record({ fieldType: tie("validator"), optional: fc.boolean() }),
    validator: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      fc.constantFrom<ValidatorJSON>(
        ...(
          ["null", "number", "bigint", "boolean", "string", "bytes", "any", "commitTs"] as const
        ).map((type) => ({ type })),
      ),
      fc.constantFrom(...tables).map((tableName): ValidatorJSON => ({ type: "id", tableName })),
      fc
        .constantFrom<(string | number | boolean | { $integer: string })[]>(
          ["a", "b", 1, 0],
          [true, false, { $integer: "AQAAAAAAAAA=" }],
        )
        .chain((literals) => fc.constantFrom(...literals))
        .map((literal): ValidatorJSON => ({ type: "literal", value: literal })),
      tie("validator").map((element): ValidatorJSON => ({ type: "array", value: element })),
      tie("validator").map(
        (fieldType): ValidatorJSON => ({
          type: "record",
          keys: { type: "string" },
          values: { fieldType, optional: false },
        }),
      ),
      fc
        .dictionary(identifier, tie("field"), { maxKeys: 4, noNullPrototype: true })
        .map((fields): ValidatorJSON => ({ type: "object", value: fields })),
      fc
        .array(tie("validator"), { maxLength: 3 })
        .map((members): ValidatorJSON => ({ type: "union", value: members })),
    ),
  }),
);

/** A value made for `json`: it matches more often than not. */
export function valueFor(json: ValidatorJSON): fc.Arbitrary<Value> {
  return fc.oneof({ weight: 12, arbitrary: matching(json) }, { weight: 1, arbitrary: value });
}

function matching(json: ValidatorJSON): fc.Arbitrary<Value> {
  switch (json.type) {
    case "null":
      return fc.constant(null);
    case "number":
      return float;
    case "bigint":
    case "commitTs":
      return int64;
    case "boolean":
      return fc.boolean();
    case "string":
      return text;
    case "bytes":
      return bytes;
    case "any":
      return value;
    case "literal":
      return fc.constant(typeof json.value === "object" ? 1n : json.value);
    case "id":
      return fc.constantFrom(...tables, "nonsense").map(fakeId);
    case "array":
      return fc.array(valueFor(json.value), { maxLength: 3 });
    case "record":
      return fc.dictionary(fieldName, valueFor(json.values.fieldType), {
        maxKeys: 3,
        noNullPrototype: true,
      });
    case "object":
      return objectFor(json.value);
    case "union":
      return json.value.length === 0 ? value : fc.oneof(...json.value.map(valueFor));
  }
}

function objectFor(fields: Record<string, ObjectFieldType>): fc.Arbitrary<Value> {
  const entries = Object.entries(fields).map(([name, { fieldType, optional }]) =>
    valueFor(fieldType).chain((field) =>
      fc.constantFrom<[string, Value][]>(
        [[name, field]],
        ...(optional ? [[] as [string, Value][]] : [[[name, field] as [string, Value]]]),
      ),
    ),
  );
  return fc
    .tuple(...entries)
    .chain((all) =>
      fc.shuffledSubarray(all.flat(), { minLength: all.flat().length }).map(fromEntries),
    );
}

function fromEntries(entries: [string, Value][]): ValueObject {
  return Object.fromEntries(entries);
}

/** Ids for tests of validators: the table's name is the id's own text. */
export function fakeId(table: string): string {
  return `id of ${table}`;
}

/** Resolves {@link fakeId}s. */
export const fakeIds = {
  tableOf(id: string): { table: string } | "system" | undefined {
    if (id === "id of _private") return "system";
    const table = tables.find((name) => fakeId(name) === id);
    return table === undefined ? undefined : { table };
  },
};
