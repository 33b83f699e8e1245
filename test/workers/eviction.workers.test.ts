// Random programs against an object that is thrown away between any two calls, and against a backend
// in this process that never was: the same answers.

import { createBackend } from "invex";
import { describe, expect, it } from "vitest";
import { type Choices, forEachSeed, seeds } from "../model/seeds";
import { ledger, schema } from "./ledger";
import { type Stub, workerdForFile } from "./workerd";

const workerd = workerdForFile();

const STEPS = 40;

describe("a random program with an eviction between any two calls", () => {
  for (const seed of seeds("eviction", 3)) {
    it(`[DUR7] gives the answers of a backend that was never evicted (seed ${seed})`, async () => {
      await forEachSeed([seed], (choices) => runProgram(seed, choices));
    });
  }
});

async function runProgram(seed: string, choices: Choices): Promise<void> {
  const oracle = createBackend({ schema, modules: { ledger }, onLog: () => {} });
  const lives = new Set<string>();
  for (let step = 0; step < STEPS; step++) {
    const { kind, path, args } = randomCall(choices);
    const room = workerd.object(seed);
    lives.add(await room.bornAs());
    const [expected, actual] = await Promise.all([
      outcomeOf(oracle, kind, path, args),
      outcomeOf(room, kind, path, args),
    ]);
    expect(actual, `step ${step}: ${path}`).toEqual(expected);
    await workerd.evict(seed);
  }
  expect(lives.size).toBe(STEPS);
}

function randomCall(choices: Choices) {
  const key = () => choices.pick(["a", "b", "c", "d", "e"]);
  const balance = choices.below(100);
  return choices.pick([
    { kind: "mutation", path: "ledger:put", args: { key: key(), balance } },
    { kind: "mutation", path: "ledger:put", args: { key: key(), balance, note: [1n, "é", null] } },
    {
      kind: "mutation",
      path: "ledger:transfer",
      args: { from: key(), to: key(), amount: balance },
    },
    { kind: "mutation", path: "ledger:remove", args: { key: key() } },
    { kind: "mutation", path: "ledger:fail", args: { key: key() } },
    { kind: "mutation", path: "ledger:note", args: { line: `line ${balance}` } },
    { kind: "query", path: "ledger:balances", args: {} },
    { kind: "query", path: "ledger:lines", args: {} },
    { kind: "query", path: "ledger:balance", args: { key: key() } },
  ] as const);
}

/** What came of a call; the name of an error, since objects lose the rest of it. */
async function outcomeOf(
  target: Stub,
  kind: "query" | "mutation",
  path: string,
  args: object,
): Promise<unknown> {
  try {
    const value = await target[kind](path, args);
    return path.endsWith(":note") ? "done" : value;
  } catch {
    return "failed";
  }
}
