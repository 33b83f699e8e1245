import * as convexServer from "convex/server";
import { asObjectValidator as theirAsObject, v as theirV } from "convex/values";
import { describe, expect, it } from "vitest";
import { asObjectValidator } from "../../src/values/as-object-validator";
import { v } from "../../src/values/v";
import { isValidator, validatorToJson } from "../../src/values/validator";
import type { ValidatorJSON } from "../../src/values/validator-json";
import { validatorProblem } from "../../src/values/validator-rules";

/** `v` of either package. */
type Builder = typeof v;
const theirs = theirV as unknown as Builder;

// biome-ignore lint/suspicious/noExplicitAny: members that the types hide, and misuse on purpose.
type Anything = any;

function describeAll(validator: Anything): unknown {
  return {
    kind: validator.kind,
    isOptional: validator.isOptional,
    isConvexValidator: validator.isConvexValidator,
    json: validator.json,
    tableName: validator.tableName,
    value: validator.kind === "record" ? describeAll(validator.value) : validator.value,
    key: validator.key && describeAll(validator.key),
    element: validator.element && describeAll(validator.element),
    members: validator.members?.map(describeAll),
    fields:
      validator.fields &&
      Object.entries(validator.fields).map(([name, field]) => [name, describeAll(field)]),
  };
}

const samples: [string, (v: Builder) => Anything][] = [
  ["id", (v) => v.id("users")],
  ["null", (v) => v.null()],
  ["number", (v) => v.number()],
  ["float64", (v) => v.float64()],
  ["bigint", (v) => v.bigint()],
  ["int64", (v) => v.int64()],
  ["commitTs", (v) => v.commitTs()],
  ["boolean", (v) => v.boolean()],
  ["string", (v) => v.string()],
  ["bytes", (v) => v.bytes()],
  ["any", (v) => v.any()],
  ["literal string", (v) => v.literal("x")],
  ["literal number", (v) => v.literal(1.5)],
  ["literal bigint", (v) => v.literal(7n)],
  ["literal boolean", (v) => v.literal(false)],
  ["literal -0", (v) => v.literal(-0)],
  ["array", (v) => v.array(v.array(v.string()))],
  ["array of optionals", (v) => v.array(v.optional(v.string()) as Anything)],
  ["empty object", (v) => v.object({})],
  ["object", (v) => v.object({ b: v.optional(v.number()), a: v.object({ c: v.id("t") }) })],
  ["field __proto__", (v) => v.object({ ["__proto__"]: v.any() })],
  ["record", (v) => v.record(v.id("t"), v.array(v.any()))],
  ["union", (v) => v.union(v.null(), v.object({ a: v.string() }))],
  ["empty union", (v) => v.union()],
  ["nullable", (v) => v.nullable(v.string())],
];

describe("builders", () => {
  it.each(samples)("[VLD1] v.%s is what Convex builds", (_, build) => {
    expect(describeAll(build(v))).toEqual(describeAll(build(theirs)));
    expect(validatorToJson(build(v))).toEqual(build(theirs).json);
  });

  it.each(samples)("[VLD4] v.%s made optional is what Convex makes", (_, build) => {
    for (const optional of [
      (v: Builder) => v.optional(build(v)),
      (v: Builder) => build(v).optional(),
      (v: Builder) => build(v).asOptional(),
      (v: Builder) => v.optional(v.optional(build(v)) as Anything),
    ]) {
      expect(describeAll(optional(v))).toEqual(describeAll(optional(theirs)));
    }
    expect(build(v).optional()).toBeInstanceOf(build(v).constructor);
  });

  it("[VLD4] the flag is exported by the enclosing object alone", () => {
    expect(validatorToJson(v.optional(v.string()))).toEqual({ type: "string" });
    expect(validatorToJson(v.object({ a: v.optional(v.string()) }))).toEqual({
      type: "object",
      value: { a: { fieldType: { type: "string" }, optional: true } },
    });
  });

  const misuses: [string, (v: Builder) => unknown][] = [
    ["id without a name", (v) => v.id(undefined as never)],
    ["id of a number", (v) => v.id(5 as never)],
    ["literal null", (v) => v.literal(null as never)],
    ["literal object", (v) => v.literal({} as never)],
    ["literal undefined", (v) => v.literal(undefined as never)],
    ["array of undefined", (v) => v.array(undefined as never)],
    ["object with undefined", (v) => v.object({ a: undefined as never })],
    ["object with a string", (v) => v.object({ a: "string" as never })],
    ["record without key", (v) => v.record(undefined as never, v.any())],
    ["record without value", (v) => v.record(v.string(), undefined as never)],
    ["record with optional key", (v) => v.record(v.optional(v.string()) as never, v.any())],
    ["record with optional value", (v) => v.record(v.string(), v.optional(v.any()) as never)],
    ["record of no validators", (v) => v.record("a" as never, "b" as never)],
    ["union with undefined", (v) => v.union(v.null(), undefined as never)],
    ["union with a number", (v) => v.union(1 as never)],
    ["pick of no field", (v) => v.object({ a: v.any() }).pick("b" as never)],
    ["extend with undefined", (v) => v.object({}).extend({ a: undefined as never })],
  ];

  it.each(misuses)("[VLD2] %s fails as Convex does", (_, misuse) => {
    expect(errorOf(() => misuse(v))).toBe(errorOf(() => misuse(theirs)));
  });

  function errorOf(call: () => unknown): string {
    try {
      call();
    } catch (error) {
      return (error as Error).message;
    }
    throw new Error("nothing was thrown");
  }
});

describe("object validators", () => {
  const make = (v: Builder) =>
    v.object({ a: v.string(), b: v.optional(v.number()), c: v.object({ d: v.null() }) });

  it.each<[string, (v: Builder) => unknown]>([
    ["pick", (v) => make(v).pick("a", "c")],
    ["pick nothing", (v) => make(v).pick()],
    ["omit", (v) => make(v).omit("a", "b")],
    ["omit unknown", (v) => make(v).omit("zzz" as never)],
    ["partial", (v) => make(v).partial()],
    ["extend", (v) => make(v).extend({ a: v.bytes(), e: v.id("t") })],
    ["optional pick", (v) => make(v).optional().pick("a")],
    ["optional omit", (v) => make(v).optional().omit("a")],
    ["optional partial", (v) => make(v).optional().partial()],
    ["optional extend", (v) => make(v).optional().extend({ z: v.any() })],
  ])("[VLD3] %s does what Convex's does", (_, derive) => {
    expect(describeAll(derive(v))).toEqual(describeAll(derive(theirs)));
  });

  it("[VLD3] derived ones leave the original alone", () => {
    const original = make(v);
    const before = describeAll(original);
    for (const derived of [
      original.partial(),
      original.omit("a"),
      original.extend({ x: v.any() }),
    ]) {
      expect(derived).not.toBe(original);
    }
    expect(describeAll(original)).toEqual(before);
  });
});

describe("validators of both packages", () => {
  it("[VLD5] fields become an object validator, validators stay", () => {
    const validator = v.union(v.string());
    expect(asObjectValidator(validator)).toBe(validator);
    const fields = { isConvexValidator: v.boolean() };
    expect(describeAll(asObjectValidator(fields))).toEqual(describeAll(v.object(fields)));
    expect(isValidator(fields)).toBe(false);
    const convex = theirV.string();
    expect(asObjectValidator(convex)).toBe(convex);
    expect(theirAsObject(validator as never)).toBe(validator);
  });

  it("[VLD6] nest in each other", () => {
    const mixed = v.object({
      a: theirV.array(v.id("t") as never),
      b: v.optional(theirV.object({})),
    });
    const expected = v.object({ a: v.array(v.id("t")), b: v.optional(v.object({})) });
    expect(validatorToJson(mixed)).toEqual(validatorToJson(expected));
    const reversed = theirV.object({ a: v.array(v.id("t")), b: theirV.optional(v.object({})) });
    expect((reversed as Anything).json).toEqual(validatorToJson(expected));
  });

  it("[VLD6] are taken by convex/server", () => {
    const table = convexServer
      .defineTable({ a: v.string(), n: v.optional(v.number()) })
      .index("a", ["a"]);
    const reference = convexServer
      .defineTable({ a: theirV.string(), n: theirV.optional(theirV.number()) })
      .index("a", ["a"]);
    const exported = (t: Anything) => t.export();
    expect(exported(table)).toEqual(exported(reference));
    const fn = convexServer.queryGeneric({
      args: { id: v.id("t") },
      returns: v.nullable(v.string()),
      handler: async () => null,
    }) as Anything;
    expect(JSON.parse(fn.exportArgs())).toEqual(validatorToJson(v.object({ id: v.id("t") })));
    expect(JSON.parse(fn.exportReturns())).toEqual(validatorToJson(v.nullable(v.string())));
  });
});

describe("rules at push", () => {
  const problemOf = (validator: Anything) => validatorProblem(validatorToJson(validator));
  const nan = { type: "literal", value: { $float: "AAAAAAAA+H8=" } } as const;
  const asJson = (json: ValidatorJSON) => ({ json, isConvexValidator: true });

  it.each(samples.filter(([name]) => name !== "field __proto__"))(
    "[VLD7][VLD8][VLD9] v.%s keeps them",
    (_, build) => {
      expect(problemOf(build(v))).toBe(undefined);
    },
  );

  it.each<[string, Anything, string]>([
    [
      "a name with a dash",
      v.object({ "a-b": v.any() }),
      "Identifier a-b has invalid character '-': Identifiers can only contain alphanumeric characters or underscores",
    ],
    ["an empty name", v.object({ "": v.any() }), "Identifier cannot be empty"],
    [
      "a long name",
      v.object({ ["n".repeat(65)]: v.any() }),
      "Identifier is too long (65 > maximum 64)",
    ],
    [
      "a bad name deep inside",
      v.union(v.object({ a: v.array(v.object({ "1": v.any() })) })),
      "Invalid validator for key `a`: Invalid first character '1' in 1: Identifiers must start with an alphabetic character or underscore",
    ],
    [
      "two levels of keys",
      v.object({ a: v.object({ b: v.object({ $c: v.any() }) }) }),
      "Invalid validator for key `a`: Invalid validator for key `b`: Invalid first character '$' in $c: Identifiers must start with an alphabetic character or underscore",
    ],
  ])("[VLD7] %s", (_, validator, problem) => {
    expect(problemOf(validator)).toBe(problem);
  });

  it.each<[string, Anything, string]>([
    [
      "numbers",
      v.record(v.number() as never, v.any()),
      "Records can only have string keys. Your validator contains a record with key typed as `v.float64()`, which is not a subtype of `v.string()`",
    ],
    [
      "a union with null",
      v.record(v.union(v.string(), v.null()) as never, v.any()),
      "Records can only have string keys. Your validator contains a record with key typed as `v.union(v.string(), v.null())`, which is not a subtype of `v.string()`",
    ],
    ["a literal", v.record(v.literal("a"), v.any()), "Records cannot have string literal keys"],
    [
      "a union of literals",
      v.record(v.union(v.literal("a"), v.literal("b")), v.any()),
      "Records cannot have string literal keys",
    ],
    [
      "a bad value",
      v.object({ r: v.record(v.string(), v.object({ "": v.any() })) }),
      "Invalid validator for key `r`: Identifier cannot be empty",
    ],
  ])("[VLD8] a record keyed by %s", (_, validator, problem) => {
    expect(problemOf(validator)).toBe(problem);
  });

  it("[VLD8] a record with optional values, which only JSON can say", () => {
    const json = {
      type: "record",
      keys: { type: "string" },
      values: { fieldType: { type: "any" }, optional: true },
    };
    expect(problemOf(asJson(json as never))).toBe("Records cannot have optional values");
  });

  it("[VLD9] a literal that is not finite, or no literal at all", () => {
    expect(problemOf(v.literal(Number.NaN))).toBe(
      "Infinite or NaN values are not supported in literal validators.",
    );
    expect(problemOf(v.object({ a: v.literal(-Infinity) }))).toBe(
      "Invalid validator for key `a`: Infinite or NaN values are not supported in literal validators.",
    );
    expect(validatorProblem(nan)).toContain("Infinite or NaN");
    for (const value of [null, [], { $bytes: "" }]) {
      expect(validatorProblem({ type: "literal", value })).toContain("can be literals");
    }
    expect(validatorProblem({ type: "nonsense" } as never)).toBe(
      'Unknown validator type "nonsense"',
    );
  });
});
