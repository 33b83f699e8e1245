// 100,000 messages that are random, or right ones bent out of shape. None may crash the backend, be
// answered with silence where an end is due, or be noticed by somebody else's session.
// A failing run prints its seed in the test's name.

import { afterEach, describe, expect, it, vi } from "vitest";
import { createRandom, type Random } from "../../src/shared/random";
import { type Chat, createChat, quiet } from "./chat";
import { add, connectMessage, RawClient, uuid } from "./raw-client";

const MESSAGES = Number(process.env.SYNC_FUZZ ?? 100_000);
const SEED = process.env.SYNC_FUZZ_SEED ?? "fuzz-1";
const ATTACKERS = 8;
const GENERAL = { channel: "general" };

let chat: Chat;

afterEach(async () => {
  vi.restoreAllMocks();
  await chat.backend.close();
});

describe("hostile clients", () => {
  it(`[SYNC30] harm nobody with ${MESSAGES} messages (seed ${SEED})`, async () => {
    const hostErrors = vi.spyOn(console, "error").mockImplementation(() => {});
    chat = createChat({ seed: "fuzz" });
    const random = createRandom(SEED);
    const witness = RawClient.open(chat.backend, uuid(0xffff));
    witness.modify(0, add(0, "messages:list", GENERAL));
    await quiet();
    const attackers = Array.from({ length: ATTACKERS }, (_, i) => attack(i, random));
    const ends = new Map<string, number>();
    for (let sent = 0; sent < MESSAGES; sent++) {
      const i = Math.floor(random.next() * ATTACKERS);
      if (attackers[i]?.closed !== undefined) {
        checkEnd(attackers[i] as RawClient, ends);
        attackers[i] = attack(i, random);
      }
      attackers[i]?.connection.receive(text(random));
      if (sent % 50 === 0) await quiet();
      if (sent % 10_000 === 0) await checkWitness(witness, sent);
    }
    await quiet();
    expect(hostErrors).not.toHaveBeenCalled();
    expect(ends.get("FatalError")).toBeGreaterThan(1000);
    expect(witness.closed).toBeUndefined();
  }, 240_000);
});

function attack(i: number, random: Random): RawClient {
  const client = new RawClient(chat.backend);
  // Some begin as they should, so that what follows is looked at.
  if (random.next() < 0.9) client.send({ ...connectMessage, sessionId: uuid(i) });
  return client;
}

function checkEnd(client: RawClient, ends: Map<string, number>): void {
  const last = client.messages.at(-1)?.type;
  const { code } = client.closed ?? {};
  if (code === undefined) expect(["FatalError", "AuthError"]).toContain(last);
  else expect(code).toBe(1013);
  const kind = code === undefined ? last : String(code);
  ends.set(kind, (ends.get(kind) ?? 0) + 1);
}

/** Served as ever: its mutation is answered, its query shows it, nobody else's message came. */
async function checkWitness(witness: RawClient, round: number): Promise<void> {
  witness.mutate(round, "messages:send", { ...GENERAL, body: `witness ${round}` });
  await quiet();
  expect(witness.of("MutationResponse").at(-1)).toMatchObject({ requestId: round, success: true });
  expect(witness.results.get(0).value).toContain(`witness ${round}`);
  expect(new Set(witness.messages.map(({ type }) => type))).toEqual(
    new Set(["Transition", "MutationResponse"]),
  );
}

function text(random: Random): string {
  const choice = random.next();
  if (choice < 0.02) return noise(random);
  const json = JSON.stringify(
    bent(pick(random, templates)(random), random, choice < 0.4 ? 0 : 0.15),
  );
  if (choice > 0.05) return json;
  const cut = Math.floor(random.next() * json.length);
  return random.next() < 0.5
    ? json.slice(0, cut)
    : json.slice(0, cut) + noise(random) + json.slice(cut);
}

const small = (random: Random) => Math.floor(random.next() * 5);

const templates: ((random: Random) => unknown)[] = [
  (random) => ({ ...connectMessage, sessionId: uuid(small(random)) }),
  (random) => {
    const baseVersion = small(random) % 3;
    const modifications = Array.from({ length: small(random) }, () =>
      random.next() < 0.6
        ? add(
            small(random),
            pick(random, paths),
            pick(random, junk),
            pick(random, [undefined, "x"]),
          )
        : { type: "Remove", queryId: small(random) },
    );
    return { type: "ModifyQuerySet", baseVersion, newVersion: baseVersion + 1, modifications };
  },
  (random) => ({
    type: pick(random, ["Mutation", "Action"]),
    requestId: small(random) + 100 * small(random),
    udfPath: pick(random, paths),
    args: [pick(random, junk)],
  }),
  (random) => ({
    type: "Authenticate",
    baseVersion: small(random) % 2,
    tokenType: pick(random, ["User", "Admin", "None"]),
    value: pick(random, ["", "a.b.c", "x"]),
  }),
  () => ({ type: "Event", eventType: "x", event: null }),
];

const paths = [
  ...["messages:send", "messages:list", "messages:work", "messages:fail", "messages:hidden"],
  ...["messages", "", ":", "a/b", "../x:y", "__proto__:constructor", "toString:call"],
];

const junk: unknown[] = [
  ...[null, true, 0, -1, 2 ** 32, 1.5, "", "x", [], {}],
  { channel: "attack", body: "x" },
  { channel: "attack" },
  { $integer: "AQAAAAAAAAA=" },
  { $bytes: 3 },
  { $float: "AAAAAAAA+H8=" },
  JSON.parse('{"__proto__":{"polluted":true}}'),
  JSON.parse("[".repeat(500) + "]".repeat(500)),
  JSON.parse('{"constructor":null,"then":"x","toJSON":1}'),
  "\ud800",
];

/** A copy in which any part may have become something else, or have gone. */
function bent(value: unknown, random: Random, chance: number): unknown {
  if (random.next() < chance * 0.3) return pick(random, junk);
  if (Array.isArray(value)) return value.map((each) => bent(each, random, chance));
  if (typeof value !== "object" || value === null) return value;
  const fields = Object.entries(value)
    .filter(() => random.next() >= chance * 0.2)
    .map(([name, field]) => [
      random.next() < chance * 0.1 ? pick(random, ["__proto__", "x", "type"]) : name,
      bent(field, random, chance),
    ]);
  return Object.fromEntries(fields);
}

function noise(random: Random): string {
  return Array.from({ length: Math.floor(random.next() * 40) }, () =>
    String.fromCharCode(random.uint32() % 0x3000),
  ).join("");
}

function pick<T>(random: Random, among: readonly T[]): T {
  return among[Math.floor(random.next() * among.length)] as T;
}
