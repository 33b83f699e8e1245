// What a commit costs when many clients are connected (DESIGN law 6): counted, not timed.

import { describe, expect, it } from "vitest";
import { createChat, quiet } from "./chat";
import { add, RawClient, uuid } from "./raw-client";

const QUERIES = 10;

/** Sessions that watch ten channels of their own each. */
async function crowd(sessions: number) {
  const chat = createChat();
  const clients = Array.from({ length: sessions }, (_, i) => {
    const client = RawClient.open(chat.backend, uuid(i));
    const queries = Array.from({ length: QUERIES }, (_, q) =>
      add(q, "messages:list", { channel: `${i}/${q}` }),
    );
    client.modify(0, ...queries);
    return client;
  });
  await quiet();
  await chat.backend.settle();
  return { chat, clients };
}

async function commitOne(sessions: number, rounds: number) {
  const { chat, clients } = await crowd(sessions);
  const runsBefore = chat.runs.get("list") as number;
  const heardBefore = clients.reduce((sum, { messages }) => sum + messages.length, 0);
  for (let i = 0; i < rounds; i++) {
    await chat.backend.mutation("messages:send", { channel: "3/4", body: "x" });
    await chat.backend.settle();
  }
  const runs = (chat.runs.get("list") as number) - runsBefore;
  const heard = clients.reduce((sum, { messages }) => sum + messages.length, 0) - heardBefore;
  await chat.backend.close();
  return { runs, heard };
}

describe("many sessions", () => {
  it("[SYNC31] a commit that touches one query runs one query and tells one of 1,000 sessions", async () => {
    const few = await commitOne(10, 50);
    const many = await commitOne(1000, 50);
    expect(few).toEqual({ runs: 50, heard: 50 });
    expect(many).toEqual({ runs: 50, heard: 50 });
  });

  it("[SYNC31] a query that 1,000 sessions watch runs once, and all are told", async () => {
    const chat = createChat();
    const clients = Array.from({ length: 1000 }, (_, i) => {
      const client = RawClient.open(chat.backend, uuid(i));
      client.modify(0, add(0, "messages:list", { channel: "all" }));
      return client;
    });
    await quiet();
    const before = chat.runs.get("list") as number;
    await chat.backend.mutation("messages:send", { channel: "all", body: "x" });
    await quiet();
    expect((chat.runs.get("list") as number) - before).toBe(1);
    expect(clients.every(({ results }) => results.get(0).value.length === 1)).toBe(true);
    await chat.backend.close();
  });
});
