// The texts of failures.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  clientText,
  MAX_ERROR_MESSAGE_BYTES,
  thrownText,
  truncateUtf8,
} from "../../../src/functions/error-text";
import { createRequestId } from "../../../src/functions/request-id";
import { userError } from "../../../src/shared/errors";
import { createRandom } from "../../../src/shared/random";

const headOf = (thrown: unknown) => thrownText(thrown).split("\n    at ")[0]?.trimEnd();

class Named extends Error {
  override name = "Named";
}

describe("what was thrown", () => {
  it.each([
    [new Error("boom"), "Uncaught Error: boom"],
    [new TypeError("boom"), "Uncaught TypeError: boom"],
    [new Named("boom"), "Uncaught Named: boom"],
    [new Error(""), "Uncaught Error"],
    [{ message: "boom" }, "Uncaught boom"],
    [{ name: "Odd", message: "boom" }, "Uncaught Odd: boom"],
    [{ name: "Odd" }, "Uncaught Odd"],
    [new Error("two\nlines"), "Uncaught Error: two\nlines"],
  ])("[ERR1] %o", (thrown, text) => {
    expect(headOf(thrown)).toBe(text);
  });

  it("[ERR1] ends every line", () => {
    expect(thrownText("x")).toBe("Uncaught x\n");
    expect(thrownText(new Error("x"))).toMatch(/^Uncaught Error: x\n( {4}at .+\n)+$/);
  });

  class Cart {}
  it.each([
    ["text", "Uncaught text"],
    [42, "Uncaught 42"],
    [10n, "Uncaught 10"],
    [null, "Uncaught null"],
    [undefined, "Uncaught undefined"],
    [Symbol("s"), "Uncaught Symbol(s)"],
    [{ a: 1 }, "Uncaught #<Object>"],
    [new Cart(), "Uncaught #<Cart>"],
    [[1, 2], "Uncaught [object Array]"],
    [Object.create(null), "Uncaught [object Object]"],
  ])("[ERR2] %o", (thrown, text) => {
    expect(headOf(thrown)).toBe(text);
  });

  it("[ERR12] getters that throw and revoked proxies", () => {
    const hostile = {
      get name(): string {
        throw new Error("no");
      },
      get message(): string {
        throw new Error("no");
      },
    };
    expect(headOf(hostile)).toBe("Uncaught #<Object>");
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    expect(headOf(proxy)).toBe("Uncaught #<Object>");
    expect(headOf({ name: 1, message: {} })).toBe("Uncaught #<Object>");
  });

  it("[ERR14] Invex's own errors have Convex's name", () => {
    expect(headOf(userError("SystemTable", "no"))).toBe("Uncaught Error: no");
  });
});

describe("length", () => {
  it("[ERR6] the message is cut, the frames stay", () => {
    const error = new Error("é".repeat(60_000));
    const [message, ...frames] = thrownText(error).split("\n");
    const bytes = new TextEncoder().encode(message).length;
    expect(bytes).toBeLessThanOrEqual(MAX_ERROR_MESSAGE_BYTES);
    expect(bytes).toBeGreaterThan(MAX_ERROR_MESSAGE_BYTES - 2);
    expect(frames.length).toBeGreaterThan(1);
  });

  it("[ERR6] no character is split", () => {
    const characters = fc.string({ unit: "grapheme", maxLength: 30 });
    fc.assert(
      fc.property(characters, fc.nat(40), (text, maxBytes) => {
        const cut = truncateUtf8(text, maxBytes);
        const size = new TextEncoder().encode(cut).length;
        expect(text.startsWith(cut)).toBe(true);
        expect(size).toBeLessThanOrEqual(maxBytes);
        const next = [...text][[...cut].length];
        if (next !== undefined) {
          expect(size + new TextEncoder().encode(next).length).toBeGreaterThan(maxBytes);
        }
      }),
    );
  });
});

describe("clients", () => {
  it("[ERR7] read the request id, and the text unless it is redacted", () => {
    expect(clientText("0123456789abcdef", "Uncaught Error: x\n")).toBe(
      "[Request ID: 0123456789abcdef] Server Error\nUncaught Error: x\n",
    );
    expect(clientText("0123456789abcdef", undefined)).toBe(
      "[Request ID: 0123456789abcdef] Server Error",
    );
  });

  it("[ERR13] request ids are 16 hexadecimal digits of the given randomness", () => {
    const random = createRandom("ids");
    const ids = Array.from({ length: 1000 }, () => createRequestId(random));
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{16}$/);
    expect(new Set(ids).size).toBe(1000);
    expect(createRequestId(createRandom("ids"))).toBe(ids[0]);
  });
});
