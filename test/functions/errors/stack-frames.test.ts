// Stack traces: whose frames are shown, and how they are spelled.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { printFrame, userFrames } from "../../../src/functions/stack-frames";
import { ctxRunning, failureOf } from "./calls";
import * as failing from "./convex/failing";

const fixture = fileURLToPath(new URL("./convex/failing.ts", import.meta.url));
const source = readFileSync(fixture, "utf8").split("\n");

/** `../convex/failing.ts:<line>` of the line with this mark. */
function at(mark: string): string {
  const index = source.findIndex((line) => line.endsWith(`// line: ${mark}`));
  expect(index).toBeGreaterThan(0);
  return `(../convex/failing.ts:${index + 1}:`;
}

const framesOf = (text: string) => text.split("\n").filter((line) => line.startsWith("    at "));

const withStack = (stack: string, message = "boom") =>
  userFrames(Object.assign(new Error(message), { stack })).map((frame) => printFrame(frame));

describe("frames of a handler", () => {
  it("[ERR5] name the author's lines when it throws at once", async () => {
    const frames = framesOf((await failureOf(failing.atOnce)).text);
    expect(frames).toHaveLength(2);
    expect(frames[0]).toContain(`at explode ${at("throw")}`);
    expect(frames[1]).toContain("../convex/failing.ts");
    expect(frames[1]).toContain(at("at once").slice(1));
  });

  it("[ERR5] name the author's lines when it throws after waiting", async () => {
    const frames = framesOf((await failureOf(failing.later)).text);
    expect(frames).toHaveLength(2);
    expect(frames[0]).toContain(`at explode ${at("throw")}`);
    expect(frames[1]).toContain(`at handler ${at("later")}`);
  });

  it("[ERR4] leave out the runtime's frames between them", async () => {
    const { text } = await failureOf(failing.inCallback);
    expect(framesOf(text)).toHaveLength(3);
    expect(text).toContain(at("callback").slice(1));
    expect(text).not.toContain("Array.map");
  });

  it("[ERR4] leave out what called the backend", async () => {
    for (const exported of [failing.atOnce, failing.later, failing.outOfStock]) {
      expect((await failureOf(exported)).text).not.toContain("stack-frames.test");
    }
  });

  it("[ERR5] of a parent name the line that called", async () => {
    const { text } = await failureOf(failing.parent, ctxRunning(failing.later));
    const frames = framesOf(text);
    expect(frames.slice(0, 2).join()).toContain(at("later"));
    expect(frames.at(-1)).toContain(`handler ${at("parent")}`);
  });
});

describe("stacks of every runtime", () => {
  it("[ERR4] V8: keeps calls as printed, drops node, packages and Invex", () => {
    const own = fileURLToPath(new URL("../../../src/db/transaction.ts", import.meta.url));
    expect(
      withStack(
        [
          "Error: boom",
          "    at new Cart (/app/convex/lib/cart.ts:1:2)",
          "    at Cart.add [as push] (file:///app/convex/lib/cart.ts:3:4)",
          "    at async Promise.all (index 0)",
          "    at Array.map (<anonymous>)",
          "    at eval (eval at x (/app/a.ts:1:1), <anonymous>:1:1)",
          `    at Transaction.insert (${own}:9:9)`,
          "    at node:internal/process/task_queues:95:5",
          "    at wrap (/app/node_modules/convex-helpers/index.js:5:6)",
          "    at async /app/convex/carts.ts:7:8",
          "    at async handler (/app/convex/carts.ts:9:10)",
          "    at /app/convex/carts.ts:11:12",
          "    at async Object.invexCallsHandler (/somewhere/bundle.js:1:1)",
          "    at async /app/test/carts.test.ts:13:14",
        ].join("\n"),
      ),
    ).toEqual([
      "new Cart (../convex/lib/cart.ts:1:2)",
      "Cart.add [as push] (../convex/lib/cart.ts:3:4)",
      "async ../convex/carts.ts:7:8",
      "async handler (../convex/carts.ts:9:10)",
      "../convex/carts.ts:11:12",
    ]);
  });

  it("[ERR4] Safari and Firefox", () => {
    const stack = [
      "explode@https://app.test/convex/messages.ts?t=1:3:9",
      "@https://app.test/convex/messages.ts:5:1",
      "async*invexCallsHandler@https://app.test/invex.js:1:1",
      "main@https://app.test/main.ts:1:1",
    ].join("\n");
    expect(withStack(stack)).toEqual([
      "explode (../convex/messages.ts:3:9)",
      "../convex/messages.ts:5:1",
    ]);
  });

  it("[ERR5] Windows paths, encoded URLs and folders of another name", () => {
    expect(withStack("Error: boom\n    at f (C:\\my app\\convex\\a.ts:1:2)")).toEqual([
      "f (../convex/a.ts:1:2)",
    ]);
    expect(withStack("Error: boom\n    at f (file:///C:/my%20app/lib/a.ts:1:2)")).toEqual([
      "f (C:/my app/lib/a.ts:1:2)",
    ]);
    expect(withStack("Error: boom\n    at f (file:///100%/lib/a.ts:1:2)")).toEqual([
      "f (/100%/lib/a.ts:1:2)",
    ]);
    const frame = { call: "f", file: "/app/backend/a.ts", line: 1, column: 2 };
    expect(printFrame(frame, "backend")).toBe("f (../backend/a.ts:1:2)");
    expect(printFrame(frame)).toBe("f (/app/backend/a.ts:1:2)");
  });

  it("[ERR4] frames quoted in a message are not the error's own", () => {
    const message = "Uncaught Error: inner\n    at inner (../convex/inner.ts:1:1)\n";
    const stack = `Error: ${message}\n    at outer (/app/convex/outer.ts:2:2)`;
    expect(withStack(stack, message)).toEqual(["outer (../convex/outer.ts:2:2)"]);
  });

  it("[ERR12] no stack, no frames", () => {
    for (const thrown of [null, undefined, "text", 1, {}, { stack: 7 }, Object.create(null)]) {
      expect(userFrames(thrown)).toEqual([]);
    }
  });
});
