// What waits for a client, and in which order it goes (functions.md 9.4, 9.5).

import { describe, expect, it } from "vitest";
import { Outbox } from "../../src/sync/outbox";
import type { StateModification } from "../../src/sync/server-message";

const version = (n: number) => ({ querySet: 1, identity: 0, ts: String(n) });
const answer = (requestId: number) =>
  ({ type: "ActionResponse", requestId, success: true, result: null, logLines: [] }) as const;
const updated = (queryId: number, value: number): StateModification => ({
  type: "QueryUpdated",
  queryId,
  result: { ok: true, value },
  logLines: [],
  journal: null,
});

function open() {
  // biome-ignore lint/suspicious/noExplicitAny: messages are looked at field by field
  const sent: any[] = [];
  const gates: (() => void)[] = [];
  let isSlow = false;
  const outbox = new Outbox({
    send: (text) => {
      sent.push(JSON.parse(text));
      if (isSlow) return new Promise((resolve) => gates.push(resolve));
    },
    now: () => 0,
    onLost: () => {},
  });
  const beSlow = () => {
    isSlow = true;
  };
  return { sent, gates, outbox, beSlow };
}

describe("the outbox", () => {
  it("[SYNC8] holds states back while an answer must come first", () => {
    const { sent, outbox } = open();
    outbox.hold();
    outbox.transition(version(1), 1, [updated(0, 1)]);
    outbox.transition(version(2), 2, [updated(0, 2), updated(1, 1)]);
    expect(sent).toEqual([]);
    expect(outbox.pendingSeq).toBe(2);
    outbox.respond(answer(7));
    outbox.release();
    expect(sent.map(({ type }) => type)).toEqual(["ActionResponse", "Transition"]);
    expect(sent[1].startVersion.ts).toBe("AAAAAAAAAAA=");
    expect(sent[1].endVersion).toEqual(version(2));
    expect(sent[1].modifications.map((each: { value: number }) => each.value)).toEqual([2, 1]);
  });

  it("[SYNC15] keeps one state, the newest, and every answer for a slow client", async () => {
    const { sent, gates, outbox, beSlow } = open();
    beSlow();
    outbox.transition(version(1), 1, []);
    for (let n = 2; n < 100; n++) outbox.transition(version(n), n, [updated(0, n)]);
    outbox.transition(version(100), 100, [{ type: "QueryRemoved", queryId: 0 }]);
    outbox.respond(answer(1));
    outbox.respond(answer(2));
    outbox.ping();
    expect(sent).toHaveLength(1);
    expect(outbox.responseCount).toBe(2);
    for (let i = 0; i < 4; i++) {
      gates.shift()?.();
      await Promise.resolve();
      await Promise.resolve();
    }
    expect(sent.slice(1).map(({ requestId, endVersion }) => requestId ?? endVersion.ts)).toEqual([
      1,
      2,
      "100",
    ]);
    expect(sent[3].modifications).toEqual([{ type: "QueryRemoved", queryId: 0 }]);
    expect(sent[3].startVersion).toEqual(version(1));
  });

  it("[SYNC18] drops everything when it closes but a last word", () => {
    const { sent, outbox, beSlow } = open();
    beSlow();
    outbox.transition(version(1), 1, []);
    outbox.respond(answer(1));
    outbox.close('{"type":"FatalError"}');
    outbox.respond(answer(2));
    outbox.close('{"type":"FatalError"}');
    expect(sent.map(({ type }) => type)).toEqual(["Transition", "FatalError"]);
  });
});
