// How values look in log lines. The oracle is Node's own inspect, wherever both mean to agree.

import { inspect as nodeInspect } from "node:util";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { inspect } from "../../../src/functions/inspect";

class Harbor {
  readonly name = "deep";
}

describe("inspect", () => {
  it("[LOG6] prints one-line values as Node does", () => {
    const values: unknown[] = [
      ...[undefined, null, true, 0, -0, 1.5, NaN, 5n, "text", "", Symbol("s"), /a+/g],
      ...[[], [1, "a", null], {}, { a: 1, "b-c": [2], 3: "x" }],
      // biome-ignore lint/suspicious/noSparseArray: printed with their holes
      ...[[1, , 3, , ,], Object.assign([1], { extra: 2 })],
      ...[new Map([["a", { b: 1 }]]), new Set([1, "2"]), new Map(), new Set()],
      ...[new Date(0), new Date(Number.NaN), new Uint8Array([1, 2]), new BigInt64Array([1n])],
      ...[new Harbor(), Object.create(null), Object.assign(Object.create(null), { a: 1 })],
      ...[function named() {}, () => {}, class Dock {}, Object.assign(() => {}, { a: 1 })],
      ...[Object(1), Object(false), Object(7n), { f() {} }, { nested: { deeper: {} } }],
    ];
    for (const value of values) {
      expect(inspect(value)).toBe(nodeInspect(value, { depth: 5 }));
    }
  });

  it("[LOG6] agrees with Node on random values that fit a line", () => {
    const leaf = fc.oneof(
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      fc.stringMatching(/^\w{0,4}$/),
    );
    const { value } = fc.letrec<{ value: unknown }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        leaf,
        fc.array(tie("value"), { maxLength: 3 }),
        fc.dictionary(fc.stringMatching(/^[a-z_]\w?$/), tie("value"), { maxKeys: 3 }),
      ),
    }));
    const check = (random: unknown) => {
      const nodes = nodeInspect(random, { depth: 5, compact: true, breakLength: Infinity });
      if (nodes.length <= 72) expect(inspect(random)).toBe(nodes);
    };
    fc.assert(fc.property(value, check), { numRuns: 500 });
  });

  it("[LOG6] quotes strings singly and escapes what would break the line", () => {
    expect(inspect("it's\n\t\\ \u0007\u007f é \u{1f30a}")).toBe(
      "'it\\'s\\n\\t\\\\ \\x07\\x7f é \u{1f30a}'",
    );
    expect(inspect({ "it's": 1, [Symbol("k")]: 2 })).toBe("{ 'it\\'s': 1, [Symbol(k)]: 2 }");
  });

  it("[LOG7] indents by two what does not fit a line", () => {
    const value = {
      title: "x".repeat(40),
      tags: ["y".repeat(30)],
      nested: { list: ["z".repeat(70)] },
    };
    expect(inspect(value)).toBe(
      [
        "{",
        `  title: '${"x".repeat(40)}',`,
        `  tags: [ '${"y".repeat(30)}' ],`,
        "  nested: {",
        "    list: [",
        `      '${"z".repeat(70)}'`,
        "    ]",
        "  }",
        "}",
      ].join("\n"),
    );
  });

  it("[LOG7] spells out a hundred elements and five levels", () => {
    const long = inspect(Array.from({ length: 102 }, (_, n) => n));
    expect(long.split("\n").slice(-3)).toEqual(["  99,", "  ... 2 more items", "]"]);
    const deep = { a: { b: { c: { d: { e: { f: { g: 1 }, h: [1], i: new Harbor() } } } } } };
    expect(inspect(deep).replace(/\s+/g, " ")).toBe(
      "{ a: { b: { c: { d: { e: { f: [Object], h: [Array], i: [Harbor] } } } } } }",
    );
  });

  it("[LOG7] errors print their stack, their fields and their cause", () => {
    const error = Object.assign(new TypeError("boom", { cause: "wind" }), { code: 7 });
    const text = inspect(error);
    expect(text).toContain("TypeError: boom\n    at ");
    expect(text).toContain("[cause]: 'wind'");
    expect(text).toContain("code: 7");
    error.stack = "";
    expect(inspect([error])).toBe("[ [TypeError: boom] { [cause]: 'wind', code: 7 } ]");
  });

  it("[LOG8] survives whatever it is given", () => {
    const circular: Record<string, unknown> = { name: "c" };
    circular.self = circular;
    expect(inspect(circular)).toBe("{ name: 'c', self: [Circular] }");
    const shared = { s: 1 };
    expect(inspect([shared, shared])).toBe("[ { s: 1 }, { s: 1 } ]");
    const hostile = {
      get secret(): never {
        throw new Error("read");
      },
      set only(_: unknown) {},
      get both() {
        return 1;
      },
      set both(_: unknown) {},
    };
    expect(inspect(hostile)).toBe("{ secret: [Getter], only: [Setter], both: [Getter/Setter] }");
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    expect(inspect({ proxy })).toBe("{ proxy: [Unreadable] }");
    expect(inspect(new WeakMap())).toBe("WeakMap {}");
    expect(inspect(new ArrayBuffer(3))).toBe("ArrayBuffer { byteLength: 3 }");
    fc.assert(
      fc.property(fc.anything({ withBigInt: true, withSparseArray: true }), (value) => {
        expect(typeof inspect(value)).toBe("string");
      }),
      { numRuns: 500 },
    );
  });
});
