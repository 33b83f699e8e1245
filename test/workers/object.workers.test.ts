// The class: calls over RPC and HTTP, alarms, bindings, files, identities.

import { ConvexHttpClient } from "convex/browser";
import { makeFunctionReference } from "convex/server";
import { describe, expect, it } from "vitest";
import { type Stub, workerdForFile } from "./workerd";

const workerd = workerdForFile();

const put = makeFunctionReference<"mutation">("ledger:put");
const balances = makeFunctionReference<"query">("ledger:balances");
const whoAmI = makeFunctionReference<"query">("ledger:whoAmI");

describe("calls of an object", () => {
  it("[DUR8] reach its functions over RPC, internal ones too", async () => {
    const room = workerd.object("rpc");
    expect(await room.mutation("ledger:put", { key: "a", balance: 1 })).toBe(null);
    expect(await room.mutation("ledger:put", { key: "a", balance: 2 })).toBe(1);
    await room.mutation("ledger:note", { line: "internal" });
    expect(await room.query("ledger:lines")).toEqual(["internal"]);
    expect(await room.action("ledger:wait", { ms: 1 })).toBe("waited");
  });

  it("[DUR9] from the Worker come with a ConvexError's data, texts, and identities", async () => {
    const response = await workerd.fetch("/from-worker");
    expect(await response.json()).toEqual({
      failure: { name: "ConvexError", data: { missing: "b" } },
      unknown: expect.stringContaining('Couldn\'t find "missing" in module "ledger.js"'),
      who: "Ada",
      plain: [["a", 5, null]],
    });
  });

  it("[DUR10] are routed by the first part of the path, and see the rest", async () => {
    const body = "hi";
    const response = await workerd.fetch("/caf%C3%A9%20au%20lait/echo?x=1", {
      method: "POST",
      body,
    });
    expect([response.status, await response.text()]).toEqual([201, "/echo?x=1: hi"]);
    expect((await workerd.fetch("/")).status).toBe(404);
    expect((await workerd.fetch("/%ff/echo", { method: "POST", body })).status).toBe(404);
  });

  it("[DUR10] reach each object its own data, over the HTTP API", async () => {
    const clients = ["http-1", "http-2"].map(
      (name) =>
        new ConvexHttpClient(`${workerd.url}/${name}`, { skipConvexDeploymentUrlCheck: true }),
    );
    for (const [i, client] of clients.entries()) {
      await client.mutation(put, { key: "k", balance: i });
    }
    const read = clients.map((client) => client.query(balances));
    expect(await Promise.all(read)).toEqual([[["k", 0, null]], [["k", 1, null]]]);
  });

  it("[DUR11] with a token are made as its user, verified in the object", async () => {
    const client = new ConvexHttpClient(`${workerd.url}/auth`, {
      skipConvexDeploymentUrlCheck: true,
    });
    client.setAuth(await workerd.issuer.token("Grace", Date.now()));
    expect(await client.query(whoAmI)).toBe("Grace");
    client.setAuth("nonsense");
    await expect(client.query(whoAmI)).rejects.toThrow("Could not parse JWT payload");
  });
});

describe("the platform inside functions", () => {
  it("[DUR12] variables are process.env, bindings are those of cloudflare:workers", async () => {
    const room = workerd.object("env");
    expect(await room.action("platform:variables")).toEqual(["hello", "none"]);
    expect(await room.action("platform:bindings", { key: "k" })).toBe("from an action");
  });

  it("[DUR12] code cannot be made from text, and Invex does not", async () => {
    const room = workerd.object("eval");
    await expect(room.action("platform:evaluate")).rejects.toThrow("Code generation from strings");
  });
});

describe("files", () => {
  for (const binding of ["ROOM", "R2_ROOM"] as const) {
    it(`[DUR13] outlive the object under their URLs (${binding})`, async () => {
      const room = workerd.object("files", binding);
      const text = "the quick brown fox ".repeat(400_000); // 8 MB: several rows, several parts
      const id = await room.action("ledger:keep", { text });
      await workerd.evict("files", binding);
      const again = workerd.object("files", binding);
      const url = new URL(await again.query("ledger:urlOf", { id }));
      if (binding === "ROOM")
        expect(url.origin + url.pathname).toMatch("https://rooms.example/files/api/storage/");
      const path = url.pathname.slice(url.pathname.indexOf("/api/"));
      const read = (range = "") => again.download(path + url.search, range);
      expect((await read()) === text).toBe(true);
      expect(await read("bytes=5000004-5000008")).toBe(text.slice(5_000_004, 5_000_009));
      await again.mutation("ledger:forget", { id });
      expect(await again.query("ledger:urlOf", { id })).toBe(null);
    });
  }
});

describe("alarms", () => {
  it("[DUR14] run what is due, also when the object was thrown away meanwhile", async () => {
    const room = workerd.object("alarm");
    await room.mutation("ledger:remind", { afterMs: 800, line: "late" });
    await room.mutation("ledger:remind", { afterMs: 300, line: "early" });
    await workerd.evict("alarm");
    await until(async () => (await lines("alarm")).length === 2);
    expect(await lines("alarm")).toEqual(["early", "late"]);
    const again = workerd.object("alarm");
    expect(await again.query("ledger:jobs")).toEqual(["success", "success"]);
  });

  it("[DUR14] wake an object that nobody asks anything", async () => {
    const room = workerd.object("asleep");
    await room.mutation("ledger:remind", { afterMs: 300, line: "woken" });
    await workerd.evict("asleep");
    // By the storage alone, which loads no backend.
    await until(async () => {
      const rows: { text: string }[] = await workerd
        .object("asleep")
        .sql("SELECT text FROM invex_rows");
      return rows.some(({ text }) => JSON.parse(text).line === "woken");
    });
  });

  it("[DUR15] each mutation happens once, through evictions at any moment", async () => {
    const room = workerd.object("once");
    const wanted = Array.from({ length: 20 }, (_, i) => `job ${i}`);
    for (const [i, line] of wanted.entries()) {
      await room.mutation("ledger:remind", { afterMs: 200 + i * 40, line });
    }
    let evictions = 0;
    await until(async () => {
      await workerd.evict("once");
      evictions += 1;
      return (await lines("once")).length >= wanted.length;
    });
    expect((await lines("once")).sort()).toEqual([...wanted].sort());
    expect(evictions).toBeGreaterThan(2);
  });

  it("[DUR16] what falls due during a long action does not wait for it", async () => {
    const room = workerd.object("dawdle");
    await room.mutation("ledger:dawdleLater", { ms: 2_000 });
    await until(async () => (await lines("dawdle")).includes("dawdling"));
    await room.mutation("ledger:remind", { afterMs: 50, line: "meanwhile" });
    await until(async () => (await lines("dawdle")).includes("meanwhile"));
    expect(await lines("dawdle")).toEqual(["dawdling", "meanwhile"]);
    await until(async () => (await lines("dawdle")).includes("dawdled"));
  });

  it("[DUR15] an action that was running when the object was thrown away is given up", async () => {
    const room = workerd.object("given up");
    await room.mutation("ledger:dawdleLater", { ms: 60_000 });
    await until(async () => (await lines("given up")).includes("dawdling"));
    await workerd.evict("given up");
    const again = workerd.object("given up");
    expect(await again.query("ledger:jobs")).toEqual(["failed"]);
  });

  it("[DUR17] crons go on from life to life", async () => {
    const name = "crons";
    workerd.object(name, "CRON_ROOM").query("ledger:lines");
    await workerd.evict(name, "CRON_ROOM");
    await until(async () => (await lines(name, "CRON_ROOM")).length > 0);
    await workerd.evict(name, "CRON_ROOM");
    await until(async () => (await lines(name, "CRON_ROOM")).length > 1);
  });
});

async function lines(name: string, binding?: "CRON_ROOM"): Promise<string[]> {
  const room: Stub = workerd.object(name, binding);
  return room.query("ledger:lines");
}

/** Asks again and again: alarms come when the platform sends them. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + 20_000;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error("it never came to pass");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
