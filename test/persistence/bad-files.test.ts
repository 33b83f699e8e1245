// Files that a backend cannot live in: each named for what it is, and left as it was.

import { spawnSync } from "node:child_process";
import { chmodSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { isInvexError } from "invex";
import { sqlite } from "invex/sqlite";
import { afterEach, describe, expect, it } from "vitest";
import { openChores } from "./chores";
import { betterSqlite, SqliteFolder } from "./sqlite-files";

const folder = new SqliteFolder();
afterEach(() => folder.closeAll());

async function filled(name: string): Promise<void> {
  const backend = openChores(sqlite(folder.open(undefined, name)));
  for (let i = 0; i < 300; i++) {
    await backend.mutation("chores:add", { title: `chore ${i} ${"x".repeat(500)}` });
  }
  await backend.close();
  folder.closeAll();
}

function refusal(name: string): { message: string; problem: unknown } {
  try {
    openChores(sqlite(folder.open(betterSqlite, name)));
  } catch (error) {
    if (!isInvexError(error)) throw error;
    expect(error.code).toBe("PersistenceFailed");
    return { message: error.message, problem: error.fields.problem };
  } finally {
    folder.closeAll();
  }
  throw new Error("the file was taken");
}

describe("a file", () => {
  it("[PER10] that is no SQLite file is named as such and left alone", () => {
    const file = folder.file("text.db");
    writeFileSync(file, "This is a letter, and not a database. ".repeat(200));
    const before = readFileSync(file);
    expect(refusal("text.db")).toMatchObject({ problem: "foreign" });
    expect(readFileSync(file)).toEqual(before);
  });

  it("[PER10] of another program is named as such and left alone", () => {
    const db = folder.open(undefined, "other.db");
    db.exec("CREATE TABLE customers (name TEXT); INSERT INTO customers VALUES ('Ada')");
    folder.closeAll();
    const before = readFileSync(folder.file("other.db"));
    const { message, problem } = refusal("other.db");
    expect(problem).toBe("foreign");
    expect(message).toContain("customers");
    expect(readFileSync(folder.file("other.db"))).toEqual(before);
  });

  it("[PER10] that was cut off is named as damaged", async () => {
    await filled("cut.db");
    const size = readFileSync(folder.file("cut.db")).length;
    truncateSync(folder.file("cut.db"), Math.floor(size / 2));
    const before = readFileSync(folder.file("cut.db"));
    expect(refusal("cut.db")).toMatchObject({ problem: "damaged" });
    expect(readFileSync(folder.file("cut.db"))).toEqual(before);
  });

  it("[PER10] with garbage in the middle is named as damaged, or read as it was", async () => {
    await filled("garbage.db");
    const bytes = readFileSync(folder.file("garbage.db"));
    let damaged = 0;
    for (let at = 4096; at < bytes.length; at += 8192) {
      const changed = Buffer.from(bytes);
      changed.fill(0xa5, at, at + 64);
      writeFileSync(folder.file("garbage.db"), changed);
      try {
        expect(refusal("garbage.db").problem).toBe("damaged");
        damaged += 1;
      } catch (error) {
        // A page that holds nothing that is read.
        expect((error as Error).message).toBe("the file was taken");
      }
    }
    expect(damaged).toBeGreaterThan(0);
  });

  it("[PER10] that another backend or process has is refused, and free once that has gone", async () => {
    const first = openChores(sqlite(folder.open(undefined, "taken.db")));
    await first.mutation("chores:add", { title: "first" });
    const read = `
      const Database = require("better-sqlite3");
      try { new Database(process.argv[1], { timeout: 0 }).prepare("SELECT * FROM invex_rows").all(); }
      catch (error) { process.stdout.write(error.message); }`;
    const other = spawnSync(process.execPath, ["-e", read, folder.file("taken.db")]);
    expect(String(other.stdout)).toBe("database is locked");
    const second = betterSqlite.open(folder.file("taken.db"));
    expect(() => openChores(sqlite(second))).toThrow(
      "This SQLite file is in use: another backend or process has it open.",
    );
    second.close();
    await first.mutation("chores:add", { title: "second" });
    await first.close();
    folder.closeAll();
    const next = openChores(sqlite(folder.open(undefined, "taken.db")));
    expect(await next.query("chores:list")).toHaveLength(2);
  });

  it("[PER10] of a newer format is left to the newer version", async () => {
    await filled("newer.db");
    const db = folder.open(undefined, "newer.db");
    db.exec("UPDATE invex_meta SET text = '7' WHERE name = 'format'");
    folder.closeAll();
    const { message, problem } = refusal("newer.db");
    expect(problem).toBe("newer");
    expect(message).toContain("format 7");
  });

  it("[PER10] with a garbled entry is refused, naming the entry", async () => {
    await filled("entry.db");
    for (const name of ["secret", "moment", "table/1"]) {
      const db = folder.open(undefined, "entry.db");
      const [row] = db.prepare("SELECT text FROM invex_meta WHERE name = ?").all(name) as {
        text: string;
      }[];
      const set = db.prepare("UPDATE invex_meta SET text = ? WHERE name = ?");
      set.run("?", name);
      folder.closeAll();
      expect(refusal("entry.db").message).toContain(`"${name}"`);
      folder
        .open(undefined, "entry.db")
        .prepare("UPDATE invex_meta SET text = ? WHERE name = ?")
        .run(row?.text ?? "", name);
      folder.closeAll();
    }
  });

  it("[PER10] that may not be written is refused", async () => {
    await filled("readonly.db");
    chmodSync(folder.file("readonly.db"), 0o444);
    const readOnly = {
      name: "read-only",
      open: (file: string) => {
        const handle = betterSqlite.open(file);
        handle.exec("PRAGMA query_only = ON");
        return handle;
      },
    };
    try {
      openChores(sqlite(folder.open(readOnly, "readonly.db")));
      expect.unreachable();
    } catch (error) {
      expect(error).toMatchObject({ fields: { problem: "unwritable" } });
    }
  });

  it("[PER11] that is full stops the backend; what was acknowledged is there", async () => {
    const handle = folder.open(undefined, "full.db");
    const backend = openChores(sqlite(handle));
    await backend.mutation("chores:add", { title: "first" });
    handle.exec("PRAGMA max_page_count = 20");
    let acknowledged = 1;
    const failure = await (async () => {
      for (;;) {
        try {
          await backend.mutation("chores:add", { title: "x".repeat(5000) });
          acknowledged += 1;
        } catch (error) {
          return error;
        }
      }
    })();
    expect(failure).toMatchObject({ code: "PersistenceFailed" });
    expect((failure as Error).message).toMatch(/full/);
    folder.closeAll();
    const again = openChores(sqlite(folder.open(undefined, "full.db")));
    expect(await again.query("chores:list")).toHaveLength(acknowledged);
  });
});
