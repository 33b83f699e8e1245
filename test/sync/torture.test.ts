// Real clients over a network that fails at every message boundary. Afterwards every client agrees
// with the server, and every mutation has happened exactly once, in its client's order.
// More seeds, worse weather: SYNC_SEEDS=40 SYNC_CUTS=0.06 npx vitest run test/sync/torture

import { BaseConvexClient } from "convex/browser";
import { type Backend, createBackend, manualClock } from "invex";
import { defineSchema, defineTable, mutationGeneric, queryGeneric } from "invex/server";
import { v } from "invex/values";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createRandom, type Random } from "../../src/shared/random";
import { FlakyNetwork } from "./flaky-network";

const SEEDS = Number(process.env.SYNC_SEEDS ?? 10);
const CLIENTS = 4;
const MUTATIONS_EACH = 250;
/** Of a cut at each message. */
const CUT_CHANCE = Number(process.env.SYNC_CUTS ?? 0.02);

const schema = defineSchema({
  marks: defineTable({ client: v.string(), n: v.number() }).index("by_client", ["client"]),
});

const marks = {
  add: mutationGeneric(async (ctx, { client, n }: { client: string; n: number }) => {
    await ctx.db.insert("marks", { client, n });
    if (n % 10 === 9) throw new Error("refused");
    return n;
  }),
  last: queryGeneric(async (ctx, { client }: { client: string }) => {
    const row = await ctx.db
      .query("marks")
      .withIndex("by_client", (q) => q.eq("client", client))
      .order("desc")
      .first();
    return row?.n ?? null;
  }),
};

interface Player {
  readonly name: string;
  readonly client: BaseConvexClient;
  readonly watched: Map<string, () => void>;
  asked: number;
  readonly acknowledged: number[];
  readonly refused: number[];
}

beforeEach(() => {
  vi.useFakeTimers({
    toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "Date"],
  });
});

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe("a network that fails at every message boundary", () => {
  for (let seed = 0; seed < SEEDS; seed++) {
    it(`[SYNC29] loses no mutation, doubles none, keeps each client's order (seed torture-${seed})`, async () => {
      const problems = vi.spyOn(console, "error").mockImplementation(() => {});
      const random = createRandom(`torture-${seed}`);
      vi.spyOn(Math, "random").mockImplementation(() => random.next());
      const backend = createBackend({
        schema,
        modules: { marks },
        clock: manualClock(),
        seed: `${seed}`,
      });
      const network = new FlakyNetwork(backend, random, { cutChance: CUT_CHANCE });
      const players = Array.from({ length: CLIENTS }, (_, i) => createPlayer(`c${i}`, network));
      await play(players, network, random);
      await check(backend as Backend, players);
      expect(network.cuts).toBeGreaterThan(50);
      expect(problems.mock.calls.filter(([text]) => String(text).startsWith("[INVEX]"))).toEqual(
        [],
      );
      for (const { client } of players) void client.close();
      await backend.close();
    });
  }
});

function createPlayer(name: string, network: FlakyNetwork): Player {
  const client = new BaseConvexClient("http://invex.localhost", () => {}, {
    webSocketConstructor: network.Socket,
    unsavedChangesWarning: false,
    logger: false,
  });
  return { name, client, watched: new Map(), asked: 0, acknowledged: [], refused: [] };
}

async function play(players: readonly Player[], network: FlakyNetwork, random: Random) {
  for (let quietRounds = 0; quietRounds < 20; ) {
    for (const player of players) if (random.next() < 0.3) move(player, players, random);
    for (let i = 0; i < 12; i++) network.step();
    await new Promise((resolve) => setImmediate(resolve));
    const isDone = players.every(
      ({ asked, acknowledged, refused }) =>
        asked === MUTATIONS_EACH && acknowledged.length + refused.length === asked,
    );
    if (isDone) {
      // The last word: everybody watches everybody, over a network that is fine now.
      network.isCalm = true;
      for (const player of players) for (const { name } of players) watch(player, name);
    }
    // In the end longer than any client waits before it tries again (16 s, half as much again).
    if (!network.isBusy) await vi.advanceTimersByTimeAsync(isDone ? 2000 : 200);
    quietRounds = isDone && !network.isBusy ? quietRounds + 1 : 0;
  }
}

function move(player: Player, players: readonly Player[], random: Random): void {
  const { name } = players[Math.floor(random.next() * players.length)] as Player;
  const choice = random.next();
  if (choice < 0.15) watch(player, name);
  else if (choice < 0.25) unwatch(player, name);
  else if (player.asked < MUTATIONS_EACH) mutate(player);
}

function watch({ client, watched }: Player, name: string): void {
  if (!watched.has(name)) {
    watched.set(name, client.subscribe("marks:last", { client: name }).unsubscribe);
  }
}

function unwatch({ watched }: Player, name: string): void {
  watched.get(name)?.();
  watched.delete(name);
}

function mutate(player: Player): void {
  const n = player.asked;
  player.asked += 1;
  player.client.mutation("marks:add", { client: player.name, n }).then(
    () => player.acknowledged.push(n),
    () => player.refused.push(n),
  );
}

async function check(backend: Backend, players: readonly Player[]): Promise<void> {
  const rows = await backend.run((ctx) => ctx.db.query("marks").collect());
  for (const { name, client, acknowledged, refused } of players) {
    const ns = rows.filter((row) => row.client === name).map((row) => row.n);
    expect(ns).toEqual(acknowledged);
    expect(ns).toEqual([...ns].sort((a, b) => a - b));
    expect(refused.every((n) => n % 10 === 9)).toBe(true);
    for (const other of players) {
      const last = rows.filter((row) => row.client === other.name).at(-1)?.n ?? null;
      expect(client.localQueryResult("marks:last", { client: other.name })).toBe(last);
    }
  }
}
