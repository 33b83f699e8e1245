// Persistence in the storage of real objects: the port's contract, and what the platform adds to it.

import { describe, expect, it } from "vitest";
import { persistenceCases } from "../../src/persistence/conformance";
import { workerdForFile } from "./workerd";

const workerd = workerdForFile();
const names = persistenceCases({ create: () => ({ adapter: () => undefined as never }) }).map(
  ({ name }) => name,
);

for (const filesIn of ["object", "r2"] as const) {
  describe(`durableObjectPersistence, files in ${filesIn}`, () => {
    for (const name of names) {
      it(`[PER1] ${name}`, async () => {
        const stub = workerd.object(`${filesIn} ${name}`, "CONFORMANCE");
        await stub.run(name, filesIn);
      });
    }
  });
}

describe("an object's storage", () => {
  it("[DUR1] holds what was committed, and nothing of what was not, after the object was thrown away", async () => {
    const room = workerd.object("abort");
    await room.mutation("ledger:put", { key: "kept", balance: 7 });
    await expect(room.mutation("ledger:fail", { key: "lost" })).rejects.toThrow("on purpose");
    const born = await room.bornAs();
    await workerd.evict("abort");
    const again = workerd.object("abort");
    expect(await again.query("ledger:balances")).toEqual([["kept", 7, null]]);
    expect(await again.bornAs()).not.toBe(born);
  });

  it("[DUR2] a commit that changes hundreds of documents is one row each, and one more", async () => {
    const room = workerd.object("many");
    await room.mutation("ledger:fill", { from: 0, count: 777, bytes: 10 });
    const [{ n }] = await room.sql(
      "SELECT count(*) AS n FROM invex_rows WHERE text LIKE '%filler%'",
    );
    expect(n).toBe(777);
    await workerd.evict("many");
    expect(await workerd.object("many").query("ledger:balances")).toHaveLength(777);
  });

  it("[DUR3] documents of 1 MiB fit, however long their JSON is", async () => {
    const room = workerd.object("long");
    const control = "\u0001".repeat(900_000);
    const wide = "\u{1F600}".repeat(220_000);
    const integers = Array.from({ length: 10 }, () => Array(8_000).fill(-1n));
    const notes = { control, wide, integers };
    for (const [key, note] of Object.entries(notes)) {
      await room.mutation("ledger:put", { key, balance: 0, note });
    }
    const [{ parts }] = await room.sql("SELECT count(*) AS parts FROM invex_long");
    expect(parts).toBeGreaterThan(2);
    await workerd.evict("long");
    const again = workerd.object("long");
    const read = Object.fromEntries(
      (await again.query("ledger:balances")).map(([key, , note]: [string, number, unknown]) => [
        key,
        note,
      ]),
    );
    expect(read.control === control).toBe(true);
    expect(read.wide === wide).toBe(true);
    expect(read.integers).toEqual(integers);
    // Short again, then gone: no part is left behind.
    await again.mutation("ledger:put", { key: "control", balance: 0, note: "short" });
    await again.mutation("ledger:remove", { key: "wide" });
    await again.mutation("ledger:remove", { key: "integers" });
    expect(await again.sql("SELECT * FROM invex_long")).toEqual([]);
  });

  it("[DUR4] that is not as the backend left it resets the object, and acknowledges nothing", async () => {
    const room = workerd.object("broken");
    await room.mutation("ledger:put", { key: "a", balance: 1 });
    await room.mutation("ledger:put", { key: "b", balance: 1 });
    const born = await room.bornAs();
    await room.breakStorage();
    await expect(room.mutation("ledger:put", { key: "a", balance: 2 })).rejects.toThrow(
      /could not be stored.*not as this backend left it/s,
    );
    const again = workerd.object("broken");
    expect(await again.bornAs()).not.toBe(born);
    expect(await again.query("ledger:balances")).toEqual([]);
  });

  it("[DUR5] a full backend says so, goes on, and lets data go", async () => {
    const room = workerd.object("full", "SMALL_ROOM");
    await room.mutation("ledger:fill", { from: 0, count: 9, bytes: 10_000 });
    const refused = room.mutation("ledger:fill", { from: 9, count: 1, bytes: 10_000 });
    await expect(refused).rejects.toThrow(
      /This backend is full: it holds \d+ bytes .* may hold 100000/,
    );
    expect(await room.query("ledger:balances")).toHaveLength(9);
    expect(await room.mutation("ledger:remove", { key: "filler0000000" })).toBe(1);
    await room.mutation("ledger:fill", { from: 9, count: 1, bytes: 10_000 });
    expect(await room.query("ledger:balances")).toHaveLength(9);
  });

  it("[DUR5] a table beyond the bound is refused by name; others can be used", async () => {
    const room = workerd.object("outgrown", "SMALL_ROOM");
    await room.mutation("ledger:fill", { from: 0, count: 9, bytes: 10_000 });
    // As if the bound had been higher before.
    await room.sql(
      "UPDATE invex_rows SET text = replace(text, 'xxxx', 'xxxxx') WHERE text LIKE '%filler%'",
    );
    await workerd.evict("outgrown", "SMALL_ROOM");
    const again = workerd.object("outgrown", "SMALL_ROOM");
    const message = /Table "accounts" cannot be loaded: this backend may hold 100000 bytes/;
    await expect(again.query("ledger:balances")).rejects.toThrow(message);
    await expect(again.mutation("ledger:put", { key: "a", balance: 1 })).rejects.toThrow(message);
    await again.mutation("ledger:note", { line: "still here" });
    expect(await again.query("ledger:lines")).toEqual(["still here"]);
  });

  it("[DUR6] can be given to a backend in a class of one's own", async () => {
    const own = workerd.object("own", "OWN");
    await own.put("a", 3);
    expect(await own.balances()).toEqual([["a", 3, null]]);
  });
});
