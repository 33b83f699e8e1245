/** better-sqlite3: SQLite in memory as a peer, and on disk as the floor of what durable writes cost. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import type { Cursor, Driver, MessageId, Page, Store } from "../driver";
import type { Message } from "../message";

interface Row {
  channelId: string;
  authorId: string;
  body: string;
  likes: number;
  tags: string;
  createdAt: number;
}

const columns = "channelId, authorId, body, likes, tags, createdAt";

class SqliteStore implements Store {
  readonly #db: Database.Database;
  readonly #dispose: () => void;
  readonly #statements: ReturnType<typeof statementsOf>;
  readonly #insertAll: (messages: Message[]) => MessageId[];
  readonly #getAll: (ids: readonly MessageId[]) => (Message | undefined)[];
  readonly #likeOne: (id: MessageId) => number;

  constructor(db: Database.Database, dispose: () => void) {
    this.#db = db;
    this.#dispose = dispose;
    db.exec(
      "create table messages (id integer primary key, channelId text not null, " +
        "authorId text not null, body text not null, likes integer not null, " +
        "tags text not null, createdAt integer not null)",
    );
    db.exec("create index byChannel on messages (channelId, createdAt)");
    const statements = statementsOf(db);
    this.#statements = statements;
    this.#insertAll = db.transaction((messages: Message[]) =>
      messages.map(
        ({ channelId, authorId, body, likes, tags, createdAt }) =>
          statements.insert.run(channelId, authorId, body, likes, JSON.stringify(tags), createdAt)
            .lastInsertRowid as number,
      ),
    );
    this.#getAll = db.transaction((ids: readonly MessageId[]) => ids.map((id) => this.get(id)));
    this.#likeOne = db.transaction((id: MessageId) => {
      const likes = (this.get(id) as Message).likes + 1;
      statements.setLikes.run(likes, id);
      return likes;
    });
  }

  insert(messages: Message[]): MessageId[] {
    return this.#insertAll(messages);
  }

  get(id: MessageId): Message | undefined {
    const row = this.#statements.get.get(id);
    return row === undefined ? undefined : messageOf(row);
  }

  getMany(ids: readonly MessageId[]): (Message | undefined)[] {
    return this.#getAll(ids);
  }

  like(id: MessageId): number {
    return this.#likeOne(id);
  }

  latest(channelId: string, limit: number): Message[] {
    return this.#statements.latest.all(channelId, limit).map(messageOf);
  }

  page(channelId: string, limit: number, cursor: Cursor | undefined): Page {
    const before = cursor ?? Number.MAX_SAFE_INTEGER;
    const rows = this.#statements.before.all(channelId, before, limit).map(messageOf);
    return { rows, cursor: rows.length < limit ? undefined : rows.at(-1)?.createdAt };
  }

  scan(likes: number): Message[] {
    return this.#statements.scan.all(likes).map(messageOf);
  }

  nativeBytes(): number {
    const pages = this.#db.pragma("page_count", { simple: true }) as number;
    return pages * (this.#db.pragma("page_size", { simple: true }) as number);
  }

  close(): void {
    this.#db.close();
    this.#dispose();
  }
}

function statementsOf(db: Database.Database) {
  const select = `select ${columns} from messages`;
  return {
    insert: db.prepare(`insert into messages (${columns}) values (?, ?, ?, ?, ?, ?)`),
    get: db.prepare<[MessageId], Row>(`${select} where id = ?`),
    setLikes: db.prepare<[number, MessageId]>("update messages set likes = ? where id = ?"),
    latest: db.prepare<[string, number], Row>(
      `${select} where channelId = ? order by createdAt desc limit ?`,
    ),
    before: db.prepare<[string, Cursor, number], Row>(
      `${select} where channelId = ? and createdAt < ? order by createdAt desc limit ?`,
    ),
    scan: db.prepare<[number], Row>(`${select} where likes >= ?`),
  };
}

function messageOf(row: Row): Message {
  return { ...row, tags: JSON.parse(row.tags) as string[] };
}

const noLiveQueries = "SQLite has no live queries";

export const betterSqlite3: Driver = {
  name: "better-sqlite3",
  kind: "peer",
  imports: "better-sqlite3",
  note: "12.11.1 in memory; columns, prepared statements, a compound index; tags as JSON text",
  skips: { W5: noLiveQueries },
  open: () => new SqliteStore(new Database(":memory:"), () => {}),
};

export const sqliteDisk: Driver = {
  name: "SQLite file",
  kind: "floor",
  note: "the same on disk, journal_mode WAL, synchronous FULL: what a durable commit costs here",
  skips: { W5: noLiveQueries, W7: "the data is not in memory" },
  open() {
    const folder = mkdtempSync(join(tmpdir(), "invex-bench-"));
    const db = new Database(join(folder, "chat.db"));
    db.pragma("journal_mode = WAL");
    db.pragma("synchronous = FULL");
    return new SqliteStore(db, () => rmSync(folder, { recursive: true, force: true }));
  },
};
