// Random async programs, judged twice: by Node, which reports unhandled rejections at the end of a
// turn, and by the sandbox, which must fail exactly the programs that Node reports.

import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sandbox } from "../../../src/functions/sandbox/sandbox";
import { runIn, turn } from "./harness";

type Step =
  | { readonly do: "tick" | "tickPromise" | "throw" | "reject" | "thenThrow" | "generate" }
  | { readonly do: "spawn"; readonly program: readonly Step[] }
  | { readonly do: "await" | "then" | "catch" | "finally" | "return"; readonly at: number }
  | { readonly do: "all" | "race" | "settled"; readonly at: number; readonly and: number };

const { program } = fc.letrec<{ program: Step[]; step: Step }>((tie) => ({
  program: fc.array(tie("step"), { maxLength: 7 }),
  step: fc.oneof(
    { maxDepth: 3 },
    fc.record({
      do: fc.constantFrom("tick", "tickPromise", "throw", "reject", "thenThrow", "generate"),
    }),
    fc.record({
      do: fc.constantFrom("await", "then", "catch", "finally", "return"),
      at: fc.nat(5),
    }),
    fc.record({ do: fc.constantFrom("all", "race", "settled"), at: fc.nat(5), and: fc.nat(5) }),
    fc.record({ do: fc.constant("spawn"), program: tie("program") }),
  ) as fc.Arbitrary<Step>,
}));

class Planned extends Error {}

/** Promises made so far, by every function of the program: they may be listened to late. */
type Made = Promise<unknown>[];

async function interpret(steps: readonly Step[], made: Made): Promise<unknown> {
  for (const step of steps) {
    const at = "at" in step ? made[step.at] : undefined;
    switch (step.do) {
      case "tick":
        await null;
        break;
      case "tickPromise":
        await Promise.resolve();
        break;
      case "throw":
        throw new Planned();
      case "generate":
        try {
          for await (const _ of generate(steps.length)) await null;
        } catch {
          await null;
        }
        break;
      case "await":
        try {
          await at;
        } catch {}
        break;
      case "return":
        return at;
      default:
        make(step, made, at);
    }
  }
  return undefined;
}

function make(step: Step, made: Made, at: Promise<unknown> | undefined): void {
  const and = "and" in step ? made[step.and] : undefined;
  const fail = () => {
    throw new Planned();
  };
  if (step.do === "spawn") made.push(interpret(step.program, made));
  if (step.do === "reject") made.push(Promise.reject(new Planned()));
  if (step.do === "thenThrow") made.push(Promise.resolve().then(fail));
  if (at === undefined) return;
  if (step.do === "then") made.push(at.then(() => null));
  if (step.do === "catch") made.push(at.catch(() => null));
  if (step.do === "finally") made.push(at.finally(() => null));
  if (step.do === "all") made.push(Promise.all([at, and]));
  if (step.do === "race") made.push(Promise.race([at, and]));
  if (step.do === "settled") made.push(Promise.allSettled([at, and]));
}

async function* generate(length: number) {
  yield 1;
  yield Promise.resolve(2);
  if (length % 2 === 1) throw new Planned();
}

/** The program, and enough ticks for all of it to come to its end, or to wait for itself forever. */
async function run(steps: readonly Step[]): Promise<void> {
  interpret(steps, []).catch(() => {});
  for (let i = 0; i < 200; i++) await null;
}

const reported: unknown[] = [];
const others = process.listeners("unhandledRejection");
const listen = (reason: unknown) => void reported.push(reason);

beforeAll(() => {
  for (const other of others) process.off("unhandledRejection", other);
  process.on("unhandledRejection", listen);
});

afterAll(() => {
  process.off("unhandledRejection", listen);
  for (const other of others) process.on("unhandledRejection", other);
});

describe("unhandled rejections of random programs", () => {
  it("[DET44] fail the function exactly when Node would report one", async () => {
    const verdicts = { failed: 0, fulfilled: 0 };
    const check = async (steps: readonly Step[]) => {
      reported.length = 0;
      await run(steps);
      await turn();
      const expected = reported.length > 0 ? "failed" : "fulfilled";
      reported.length = 0;
      const handler = () => run(steps);
      const actual = await runIn(sandbox, handler).then(
        () => "fulfilled" as const,
        () => "failed" as const,
      );
      await turn();
      expect(actual).toBe(expected);
      expect(reported).toEqual([]);
      verdicts[expected] += 1;
    };
    await fc.assert(fc.asyncProperty(program, check), { numRuns: 1000 });
    expect(Math.min(verdicts.failed, verdicts.fulfilled)).toBeGreaterThan(100);
  });
});
