// Failures on their way to whoever must hear of them.

import { ConvexError } from "convex/values";
import { describe, expect, it } from "vitest";
import { FunctionError } from "../../../src/functions/function-error";
import {
  errorToCaller,
  errorToEmbedder,
  type FailedCall,
  type FunctionFailure,
  failureBehind,
  refusedFailure,
  textToClient,
  thrownFailure,
} from "../../../src/functions/function-failure";
import { InvexError, userError } from "../../../src/shared/errors";
import { ConvexError as InvexConvexError } from "../../../src/values/convex-error";
import { ctxRunning, failureOf } from "./calls";
import * as failing from "./convex/failing";

const call: FailedCall = { path: "failing:later", requestId: "0123456789abcdef", redact: false };
const redacted: FailedCall = { ...call, redact: true };

describe("a calling function", () => {
  it("[ERR8] catches an Error with the whole text", async () => {
    const failure = await failureOf(failing.later);
    const error = errorToCaller(failure);
    expect(error.constructor).toBe(Error);
    expect(error.message).toBe(failure.text);
    expect(error.message).toMatch(/^Uncaught TypeError: boom\n {4}at explode .*\n/);
    expect(error.message.endsWith(")\n")).toBe(true);
    expect(failureBehind(error)).toBe(failure);
  });

  it("[ERR8] passes it on as its own when it does not catch", async () => {
    const { text } = await failureOf(failing.parent, ctxRunning(failing.later));
    const child = await failureOf(failing.later);
    expect(text.startsWith(`Uncaught Error: ${child.text}\n    at `)).toBe(true);
  });

  it("[ERR3] is told of refusals without Uncaught, frames or newline", () => {
    const failure = refusedFailure(userError("ArgumentsInvalid", "ArgumentValidationError: no"));
    expect(failure.text).toBe("ArgumentValidationError: no\n");
    expect(errorToCaller(failure).message).toBe("ArgumentValidationError: no");
  });

  it("[ERR9] catches the author's ConvexError, with a copy of the data", async () => {
    const failure = await failureOf(failing.outOfStock);
    const error = errorToCaller(failure) as failing.OutOfStock;
    expect(error).toBeInstanceOf(failing.OutOfStock);
    expect(error).toBeInstanceOf(ConvexError);
    expect(error.message).toBe(failure.text);
    expect(error.message).toContain("Uncaught ConvexError: ");
    expect(error.data).toEqual({ sku: "a-1", left: 2n });
    expect(error.sku).toBe("a-1");
    error.data.sku = "changed";
    expect((errorToCaller(failure) as failing.OutOfStock).data.sku).toBe("a-1");
  });

  it("[ERR9] data survives three nestings", async () => {
    let failure = await failureOf(failing.outOfStock);
    for (let level = 0; level < 3; level += 1) failure = thrownFailure(errorToCaller(failure));
    expect(failure.data).toEqual({ sku: "a-1", left: 2n });
    expect(failure.text.match(/Uncaught ConvexError/g)).toHaveLength(4);
  });
});

describe("a client", () => {
  it("[ERR7] reads the text, or only the request id", async () => {
    const failure = await failureOf(failing.later);
    expect(textToClient(failure, call)).toBe(
      `[Request ID: 0123456789abcdef] Server Error\n${failure.text}`,
    );
    expect(textToClient(failure, redacted)).toBe("[Request ID: 0123456789abcdef] Server Error");
  });

  it("[ERR9] gets data in both cases", async () => {
    expect((await failureOf(failing.outOfStock)).data).toEqual({ sku: "a-1", left: 2n });
    expect(thrownFailure(new ConvexError("text")).data).toBe("text");
    expect(thrownFailure(new ConvexError(null)).data).toBe(null);
    expect(thrownFailure(new InvexConvexError([1])).data).toEqual([1]);
    expect(thrownFailure(new ConvexError(undefined as never)).data).toBe(null);
    expect(thrownFailure(new Error("none")).data).toBeUndefined();
  });

  it("[ERR10] is told when data is no Convex value", () => {
    const failure = thrownFailure(new ConvexError({ at: new Date(0) } as never));
    expect(failure.data).toBeUndefined();
    expect(failure.text).toMatch(/^ConvexError with invalid data: Date .* is not a supported/);
    expect(errorToEmbedder(failure, call)).toBeInstanceOf(FunctionError);
  });

  it("[ERR9] cannot be reached through the data that was thrown", () => {
    const data = { items: [1] };
    const failure = thrownFailure(new ConvexError(data));
    data.items.push(2);
    expect(failure.data).toEqual({ items: [1] });
  });
});

describe("the embedder", () => {
  it("[ERR11] catches the client's text, the cause, and the function's name", async () => {
    const failure = await failureOf(failing.later);
    const error = errorToEmbedder(failure, call);
    expect(error).toBeInstanceOf(Error);
    expect(error).toBeInstanceOf(InvexError);
    expect(error).toMatchObject({
      name: "FunctionError",
      code: "FunctionFailed",
      message: textToClient(failure, call),
      fields: { function: "failing:later", requestId: "0123456789abcdef" },
    });
    expect(error.cause).toBe(failure.thrown);
    expect(error.cause).toBeInstanceOf(TypeError);
    expect(failureBehind(error)).toBe(failure);
  });

  it("[ERR11] has a stack that begins at the author's line", async () => {
    const { stack = "" } = errorToEmbedder(await failureOf(failing.later), call);
    const [first, ...rest] = stack.split("\n    at ");
    expect(first).toBe(
      "FunctionError: [Request ID: 0123456789abcdef] Server Error\nUncaught TypeError: boom",
    );
    expect(rest[0]).toMatch(/^explode \(\/.*\/errors\/convex\/failing\.ts:\d+:\d+\)$/);
    expect(rest[1]).toMatch(/^handler \(\/.*\/errors\/convex\/failing\.ts:\d+:\d+\)$/);
  });

  it("[ERR11] has a stack even if a string was thrown", () => {
    const { stack } = errorToEmbedder(thrownFailure("text"), call);
    expect(stack).toContain("Uncaught text\n    at ");
    expect(stack).toContain("function-failure.test.ts");
  });

  it("[ERR11] keeps the code of Invex's own errors", () => {
    const thrown = userError("FunctionNotFound", "Could not find it.", {
      hint: "Did you mean it?",
    });
    const error = errorToEmbedder(refusedFailure(thrown), call);
    expect(error).toMatchObject({ code: "FunctionNotFound" });
    expect(error.message).toBe(
      "[Request ID: 0123456789abcdef] Server Error\nCould not find it.\nDid you mean it?\n",
    );
    expect(textToClient(refusedFailure(thrown), call)).not.toContain("Did you mean");
  });

  it("[ERR9] catches the author's ConvexError", async () => {
    const failure = await failureOf(failing.outOfStock);
    for (const [how, isRedacted] of [
      [call, false],
      [redacted, true],
    ] as const) {
      const error = errorToEmbedder(failure, how) as failing.OutOfStock;
      expect(error).toBeInstanceOf(failing.OutOfStock);
      expect(error.name).toBe("ConvexError");
      expect(error.data).toEqual({ sku: "a-1", left: 2n });
      expect(error.message.includes("Uncaught")).toBe(!isRedacted);
      expect(error.stack).toMatch(/^ConvexError: \[Request ID: /);
      expect(error.stack).toContain("/convex/failing.ts:");
      expect(error.cause).toBe(failure.thrown);
      expect(Object.getOwnPropertySymbols(error)).toContain(Symbol.for("ConvexError"));
    }
  });

  it("[ERR12] catches something whatever was thrown", () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    const hostile = {
      [Symbol.for("ConvexError")]: true,
      get data(): never {
        throw "no data";
      },
    };
    for (const thrown of [proxy, hostile, null, undefined, Symbol("s"), () => 1]) {
      const error = errorToEmbedder(thrownFailure(thrown), call);
      expect(error).toBeInstanceOf(FunctionError);
      expect(error.message).toContain("Server Error\n");
      expect(error.cause).toBe(thrown);
    }
    expect(thrownFailure(hostile).text).toBe("ConvexError with invalid data: no data\n");
  });

  it("[ERR9] an object that only looks like a ConvexError becomes one", () => {
    const thrown = { [Symbol.for("ConvexError")]: true, data: 5, name: "ConvexError" };
    const failure: FunctionFailure = thrownFailure(thrown);
    expect(failure.data).toBe(5);
    expect(errorToEmbedder(failure, call)).toBeInstanceOf(InvexConvexError);
  });
});
