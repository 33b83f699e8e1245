/**
 * `npm run bench:persistence`: what it costs to keep a backend in a SQLite file, beside SQLite itself
 * doing the same reads and the same writes through the same library, and beside a backend in memory.
 * All contestants of a table take turns, round by round.
 */

import { mkdtempSync, rmSync, statSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import Database from "better-sqlite3";
import { type BackendOptions, createBackend } from "invex";
import { defineSchema, defineTable, functionsFor } from "invex/server";
import { sqlite } from "invex/sqlite";
import { v } from "invex/values";
import { channelCount, type Message, MessageMaker } from "./message";
import { milliseconds } from "./repeat";

const usage = `npm run bench:persistence -- [options]

  --docs n   how many documents are loaded (default 100000)
  --dir path where the files are (default: the system's folder for such)
  --quick    2,000 documents and few rounds: does everything run?`;

interface Scale {
  readonly documents: number;
  readonly loads: number;
  readonly rounds: number;
  /** How long one round of commits is, in commits. */
  readonly commits: number;
}

/** How many mutations are under way at a time where several are. */
const concurrent = 100;

const messageFields = {
  channelId: v.string(),
  authorId: v.string(),
  body: v.string(),
  likes: v.number(),
  tags: v.array(v.string()),
  createdAt: v.number(),
};
const schema = defineSchema({
  messages: defineTable(messageFields).index("by_channel", ["channelId", "createdAt"]),
});
const { mutation } = functionsFor(schema);
const modules = {
  messages: {
    add: mutation({
      args: messageFields,
      handler: (ctx, message) => ctx.db.insert("messages", message),
    }),
    addAll: mutation({
      args: { messages: v.array(v.object(messageFields)) },
      handler: async (ctx, { messages }) => {
        for (const message of messages) await ctx.db.insert("messages", message);
      },
    }),
  },
};

type Options = Pick<BackendOptions, "persistence">;

function open(options: Options = {}) {
  return createBackend({ schema, modules, onLog: () => {}, ...options });
}

// ---- Loading

async function measureLoading(folder: string, { documents, loads }: Scale): Promise<string> {
  const file = join(folder, "load.db");
  await fill(file, documents);
  const rows = await measured(loads, {
    "better-sqlite3: read and JSON.parse each row": () => readRaw(file),
    "better-sqlite3: read the rows, no parsing": () => readRaw(file, false),
    "createBackend({ persistence: sqlite(db) })": () => readBackend(file),
    "the same, load: lazy, nothing read": () => readBackend(file, "lazy"),
  });
  const size = (statSync(file).size / 1e6).toFixed(0);
  return markdown(`Loading ${count(documents)} documents (${size} MB)`, "ms", rows);
}

async function fill(file: string, documents: number): Promise<void> {
  const db = new Database(file);
  const backend = open({ persistence: sqlite(db, { synchronous: "normal" }) });
  const maker = new MessageMaker(channelCount(documents));
  for (let made = 0; made < documents; made += 1_000) {
    const messages = maker.take(Math.min(1_000, documents - made));
    await backend.mutation("messages:addAll", { messages });
  }
  await backend.close();
  db.close();
}

/** As rows by id in memory: a Map, which is less than any store. */
async function readRaw(file: string, isParsed = true): Promise<number> {
  return milliseconds(() => {
    const db = new Database(file);
    const byId = new Map<string, unknown>();
    const rows = db.prepare("SELECT id, text FROM invex_rows").iterate();
    for (const { id, text } of rows as IterableIterator<{ id: string; text: string }>) {
      byId.set(id, isParsed ? JSON.parse(text) : text);
    }
    db.close();
  });
}

/** Until the first question can be answered, with the index built. */
async function readBackend(file: string, load: "eager" | "lazy" = "eager"): Promise<number> {
  const db = new Database(file);
  let backend: ReturnType<typeof open> | undefined;
  const ms = await milliseconds(async () => {
    backend = open({ persistence: sqlite(db, { load }) });
    await backend.ready;
  });
  await backend?.close();
  db.close();
  return ms;
}

// ---- Committing

interface Committer {
  /** One after the other. */
  alone(messages: readonly Message[]): unknown;
  /** All at once. */
  together(messages: readonly Message[]): unknown;
  close(): unknown;
}

type Synchronous = "full" | "normal";

async function measureCommits(
  folder: string,
  synchronous: Synchronous,
  { rounds, commits }: Scale,
): Promise<string[]> {
  const committers: Record<string, Committer> = {
    [floorOf(synchronous)]: rawCommitter(join(folder, `raw-${synchronous}.db`), synchronous),
    [`Invex, synchronous ${synchronous}`]: backendCommitter(
      join(folder, `invex-${synchronous}.db`),
      synchronous,
    ),
    "Invex, in memory": memoryCommitter(),
  };
  const maker = new MessageMaker(1_000);
  const perCommit = (how: "alone" | "together") =>
    Object.fromEntries(
      Object.entries(committers).map(([name, committer]) => [
        name,
        async () => {
          const messages = maker.take(commits);
          const ms = await milliseconds(() => inParts(committer, how, messages));
          return (ms * 1_000) / commits;
        },
      ]),
    );
  const alone = await measured(rounds, perCommit("alone"));
  const together = await measured(rounds, perCommit("together"));
  for (const committer of Object.values(committers)) await committer.close();
  return [
    markdown("One mutation at a time", "µs each", alone),
    markdown(`${concurrent} mutations at a time`, "µs each", together),
  ];
}

function floorOf(synchronous: Synchronous): string {
  return `better-sqlite3, synchronous ${synchronous}`;
}

async function inParts(
  committer: Committer,
  how: "alone" | "together",
  messages: readonly Message[],
): Promise<void> {
  for (let from = 0; from < messages.length; from += concurrent) {
    await committer[how](messages.slice(from, from + concurrent));
  }
}

/** The same tables, the same rows, the same transactions: one a commit, or one for all that wait. */
function rawCommitter(file: string, synchronous: Synchronous): Committer {
  const db = new Database(file);
  db.exec("PRAGMA journal_mode = WAL");
  db.exec("PRAGMA locking_mode = EXCLUSIVE");
  db.exec(`PRAGMA synchronous = ${synchronous}`);
  db.exec("CREATE TABLE meta (name TEXT PRIMARY KEY, text TEXT NOT NULL) WITHOUT ROWID, STRICT");
  db.exec(
    "CREATE TABLE rows (tbl INTEGER, id TEXT, text TEXT NOT NULL, PRIMARY KEY (tbl, id)) WITHOUT ROWID, STRICT",
  );
  const insert = db.prepare("INSERT INTO rows (text, tbl, id) VALUES (?, ?, ?)");
  const set = db.prepare(
    "INSERT INTO meta (name, text) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET text = excluded.text",
  );
  let commits = 0;
  // Ids are spread like Invex's, which are random: neighbours are not written together.
  const nextId = () => {
    commits += 1;
    return (Math.imul(commits, 0x9e3779b1) >>> 0).toString(36).padStart(32, "k");
  };
  const write = (messages: readonly Message[]) => {
    db.exec("BEGIN IMMEDIATE");
    for (const message of messages) {
      const _id = nextId();
      insert.run(JSON.stringify({ _creationTime: commits, _id, ...message }), 1, _id);
    }
    set.run("moment", JSON.stringify({ seq: commits, ns: "0", creationTime: commits }));
    db.exec("COMMIT");
  };
  return {
    alone: (messages) => {
      for (const message of messages) write([message]);
    },
    together: write,
    close: () => db.close(),
  };
}

function backendCommitter(file: string, synchronous: Synchronous): Committer {
  const db = new Database(file);
  const committer = committerOn({ persistence: sqlite(db, { synchronous }) });
  return {
    ...committer,
    close: async () => {
      await committer.close();
      db.close();
    },
  };
}

function memoryCommitter(): Committer {
  return committerOn({});
}

function committerOn(options: Options): Committer {
  const backend = open(options);
  const add = (message: Message) => backend.mutation("messages:add", { ...message });
  return {
    alone: async (messages) => {
      for (const message of messages) await add(message);
    },
    together: (messages) => Promise.all(messages.map(add)),
    close: () => backend.close(),
  };
}

// ---- Measuring and printing

/**
 * Runs all in turn, round by round, after two rounds that do not count; the first is the floor.
 * @returns rows of name, median, best, ratio of the medians
 */
async function measured(
  rounds: number,
  contestants: Readonly<Record<string, () => Promise<number>>>,
): Promise<string[][]> {
  const runs = Object.entries(contestants).map(([name, run]) => ({ name, run, found: [0] }));
  for (const each of runs) each.found = [];
  for (let round = -2; round < rounds; round++) {
    for (const { run, found } of runs) {
      globalThis.gc?.();
      const result = await run();
      if (round >= 0) found.push(result);
    }
  }
  const floor = median(runs[0]!.found);
  return runs.map(({ name, found }) => {
    const cells = [median(found), Math.min(...found), median(found) / floor];
    return [name, ...cells.map(significant)];
  });
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] as number;
}

function markdown(title: string, unit: string, rows: readonly (readonly string[])[]): string {
  const all = [[title, `median ${unit}`, `best ${unit}`, "x floor"], ...rows];
  const widths = all[0]!.map((_, i) => Math.max(...all.map((cells) => cells[i]!.length)));
  const lines = all.map((cells) => {
    const padded = cells.map((cell, i) =>
      i ? cell.padStart(widths[i]!) : cell.padEnd(widths[0]!),
    );
    return `| ${padded.join(" | ")} |`;
  });
  const rule = widths.map((width, i) => (i ? `${"-".repeat(width - 1)}:` : "-".repeat(width)));
  return [lines[0], `| ${rule.join(" | ")} |`, ...lines.slice(1), ""].join("\n");
}

function significant(value: number): string {
  return value >= 100 ? count(Math.round(value)) : value.toPrecision(2);
}

function count(value: number): string {
  return value.toLocaleString("en-US");
}

function readOptions() {
  const { values } = parseArgs({
    options: {
      docs: { type: "string" },
      dir: { type: "string" },
      quick: { type: "boolean", default: false },
    },
  });
  const documents = Number(values.docs?.replaceAll("_", "") ?? (values.quick ? 2_000 : 100_000));
  if (!Number.isInteger(documents) || documents < 1) throw new Error("--docs: not a count");
  const scale: Scale = values.quick
    ? { documents, loads: 2, rounds: 2, commits: 200 }
    : { documents, loads: 9, rounds: 9, commits: 1_000 };
  return { scale, folder: mkdtempSync(join(values.dir ?? tmpdir(), "invex-bench-")) };
}

async function main(): Promise<void> {
  const { scale, folder } = readOptions();
  try {
    console.log(`Node ${process.version}, ${cpus().length} x ${cpus()[0]?.model}, in ${folder}\n`);
    console.log(await measureLoading(folder, scale));
    for (const synchronous of ["full", "normal"] as const) {
      for (const table of await measureCommits(folder, synchronous, scale)) console.log(table);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? `${error.message}\n\n${usage}` : error);
  process.exitCode = 1;
});
