/**
 * `npm run bench:search`: what text and vector search cost through the public API, beside the least
 * that this machine takes for the same: a table without the index, a scan of all strings, a plain
 * loop over a Float32Array. No contest of libraries. Rounds of all searches are interleaved.
 */

import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { createBackend } from "invex";
import { defineSchema, defineTable } from "invex/server";
import { v } from "invex/values";
import { VectorIndex } from "../src/db/search/vector-index";
import { VectorIndexPlan } from "../src/db/search/vector-index-plan";
import { compileVectorQuery } from "../src/db/search/vector-query";
import type { TablePlan } from "../src/db/table-plan";
import { seededRandom } from "./message";
import { milliseconds } from "./repeat";

const usage = `npm run bench:search -- [options]

  --docs n   how many messages, and how many vectors (default 100000)
  --quick    2,000 of each and few rounds: does everything run?`;

const dimensions = 384;
const vocabularySize = 30_000;
const channelCount = 100;
const batchSize = 100;

interface Scale {
  readonly documents: number;
  readonly rounds: number;
}

interface Search {
  readonly name: string;
  /** The name of the search it is compared with; its own for a floor. */
  readonly floor: string;
  /** Resolves to how many it found. */
  readonly run: () => number | Promise<number>;
}

type Random = () => number;

/** Every hundredth document is in the channel of the filtered searches. */
const channelOf = (index: number) => `channel-${index % channelCount}`;

// ---- Text

const messageFields = { body: v.string(), channel: v.string() };
const messagesTable = () => defineTable(messageFields);
const searchSchema = defineSchema({
  messages: messagesTable().searchIndex("by_body", { searchField: "body" }),
});
const plainSchema = defineSchema({ messages: messagesTable() });

async function measureText({ documents, rounds }: Scale): Promise<string> {
  const bodies = makeBodies(documents);
  const warmUp = await load(openMessages(searchSchema), bodies.slice(0, 5_000));
  await warmUp.backend.close();
  const plain = await load(openMessages(plainSchema), bodies);
  await plain.backend.close();
  const { backend, ...searchable } = await load(openMessages(searchSchema), bodies);

  const through = (text: string) => () =>
    backend.query(async (ctx) => {
      const found = ctx.db
        .query("messages")
        .withSearchIndex("by_body", (q) => q.search("body", text));
      return (await found.take(10)).length;
    });
  const scan = (text: string) => () => {
    let found = 0;
    for (const body of bodies) if (body.includes(text)) found += 1;
    return found;
  };
  const ranked = byFrequency(bodies);
  const texts = {
    "rarest word": ranked.at(-1) as string,
    "middling word": ranked[300] as string,
    "commonest word": ranked[0] as string,
    "one-letter prefix": "q",
  };
  const searches = Object.entries(texts).flatMap(([title, text]): Search[] => {
    const floor = `scan of all bodies, ${title}`;
    return [
      { name: floor, floor, run: scan(text) },
      { name: `text, ${title}, take 10`, floor, run: through(text) },
    ];
  });
  const table = [
    ...loadRows("messages, no search index", plain, plain),
    ...loadRows("messages, search index", searchable, plain),
    ...(await measured(searches, rounds)),
  ];
  await backend.close();
  return markdown(`Text: ${count(documents)} messages of 4 to 17 words`, table);
}

/** Words come as often as in a language: the n-th commonest 1/n as often as the commonest. */
function makeBodies(documents: number): string[] {
  const random = seededRandom(1);
  const words = Array.from({ length: vocabularySize }, (_, i) => spell(i + 26 ** 2));
  // The inverse of the distribution, to within rounding: exp(u × ln n) is 1/x distributed.
  const word = () => words[Math.floor(vocabularySize ** random()) - 1] as string;
  return Array.from({ length: documents }, () =>
    Array.from({ length: 4 + Math.floor(random() * 14) }, word).join(" "),
  );
}

/** Three or four letters; neighbours begin with different ones. */
function spell(index: number): string {
  let word = "";
  for (let rest = index; rest > 0; rest = Math.floor(rest / 26)) {
    word += String.fromCharCode(97 + (rest % 26));
  }
  return word;
}

function byFrequency(bodies: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const word of bodies.flatMap((body) => body.split(" "))) {
    counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  return [...counts].sort(([, a], [, b]) => b - a).map(([word]) => word);
}

function openMessages(schema: typeof searchSchema | typeof plainSchema) {
  return createBackend({ schema: schema as typeof searchSchema, modules: {} });
}

interface Loaded {
  readonly ms: number;
  readonly heapMB: number;
}

async function load(backend: ReturnType<typeof openMessages>, bodies: readonly string[]) {
  const before = await heapMB();
  const ms = await milliseconds(async () => {
    for (let start = 0; start < bodies.length; start += batchSize) {
      // Through JSON, so that a message shares its text with nobody and the heap has all of it.
      const text = JSON.stringify(bodies.slice(start, start + batchSize));
      const batch: string[] = JSON.parse(text);
      await backend.mutation(async (ctx) => {
        for (const [i, body] of batch.entries()) {
          await ctx.db.insert("messages", { body, channel: channelOf(start + i) });
        }
      });
    }
  });
  return { backend, ms, heapMB: (await heapMB()) - before };
}

// ---- Vectors

const vectorSchema = defineSchema({
  notes: defineTable({ vector: v.array(v.float64()), channel: v.string() }).vectorIndex("near", {
    vectorField: "vector",
    dimensions,
    filterFields: ["channel"],
  }),
});

async function measureVectors({ documents, rounds }: Scale): Promise<string> {
  const backend = createBackend({ schema: vectorSchema, modules: {} });
  const bare = bareIndex();
  const flat = new Float32Array(documents * dimensions);
  const random = seededRandom(2);
  let loadMs = 0;
  for (let start = 0; start < documents; start += batchSize) {
    const size = Math.min(batchSize, documents - start);
    const vectors = Array.from({ length: size }, () => unitVector(random));
    for (const [i, vector] of vectors.entries()) {
      const at = start + i;
      flat.set(vector, at * dimensions);
      const _id = `id${at}`;
      bare.write(undefined, { _id, _creationTime: at, vector, channel: channelOf(at) });
    }
    loadMs += await milliseconds(() =>
      backend.mutation(async (ctx) => {
        for (const [i, vector] of vectors.entries()) {
          await ctx.db.insert("notes", { vector, channel: channelOf(start + i) });
        }
      }),
    );
  }

  const vector = unitVector(random);
  const channel = channelOf(7);
  const through = (limit: number, isFiltered = false) =>
    backend.action(async (ctx) => {
      const query = isFiltered
        ? ctx.vectorSearch("notes", "near", {
            vector,
            limit,
            filter: (q) => q.eq("channel", channel),
          })
        : ctx.vectorSearch("notes", "near", { vector, limit });
      return (await query).length;
    });
  const inBare = (limit: number, isFiltered = false) => {
    const conditions = isFiltered ? [{ field: "channel", value: channel }] : undefined;
    return bare.search(compileVectorQuery(bare.plan, { vector, limit, conditions })).length;
  };
  const floor = "plain loop over a Float32Array, all scores";
  const searches: Search[] = [
    { name: floor, floor, run: () => plainLoop(flat, vector) },
    { name: "bare index, top 10", floor, run: () => inBare(10) },
    { name: "bare index, top 256", floor, run: () => inBare(256) },
    { name: "bare index, top 10 of 1 %", floor, run: () => inBare(10, true) },
    { name: "ctx.vectorSearch, top 10", floor, run: () => through(10) },
    { name: "ctx.vectorSearch, top 256", floor, run: () => through(256) },
    { name: "ctx.vectorSearch, top 10 of 1 %", floor, run: () => through(10, true) },
  ];
  const loading = ["load, ms", significant(loadMs), "", "", ""];
  const table = [loading, ...(await measured(searches, rounds))];
  await backend.close();
  return markdown(`Vectors: ${count(documents)} of ${dimensions} dimensions`, table);
}

function unitVector(random: Random): number[] {
  const parts = Array.from({ length: dimensions }, () => random() - 0.5);
  const length = Math.hypot(...parts);
  return parts.map((part) => part / length);
}

/** The engine's own index, without documents, transactions or a caller. */
function bareIndex(): VectorIndex {
  const options = { name: "near", vectorField: "vector", dimensions, filterFields: ["channel"] };
  // Of its table, an index asks the name alone, for error texts.
  const table = { name: "notes" } as TablePlan;
  return new VectorIndex(new VectorIndexPlan({ ...options, table, staged: false }));
}

/** Every score, as straightforwardly as it can be written; picks none. */
function plainLoop(flat: Float32Array, vector: readonly number[]): number {
  const target = new Float32Array(vector);
  const scores = new Float64Array(flat.length / dimensions);
  for (let row = 0; row < scores.length; row++) {
    const start = row * dimensions;
    let score = 0;
    for (let i = 0; i < dimensions; i++) score += flat[start + i]! * target[i]!;
    scores[row] = score;
  }
  return scores.length;
}

// ---- Measuring and printing

/** Rows of name, median, best, ratio of medians to the floor's, and how many were found. */
async function measured(searches: readonly Search[], rounds: number): Promise<string[][]> {
  const runs = searches.map((search) => ({ search, times: [] as number[], found: 0 }));
  const warmUps = 3;
  for (let round = -warmUps; round < rounds; round++) {
    for (const each of runs) {
      const ms = await milliseconds(async () => {
        each.found = await each.search.run();
      });
      if (round >= 0) each.times.push(ms);
    }
  }
  const medians = new Map(runs.map(({ search, times }) => [search.name, median(times)]));
  return runs.map(({ search, times, found }) => {
    const middle = medians.get(search.name) as number;
    const ratio = middle / (medians.get(search.floor) as number);
    const cells = [middle, Math.min(...times), ratio].map(significant);
    return [search.name, ...cells, count(found)];
  });
}

function loadRows(name: string, { ms, heapMB }: Loaded, floor: Loaded): string[][] {
  return [
    [`${name}: load, ms`, significant(ms), "", significant(ms / floor.ms), ""],
    [`${name}: heap, MB`, significant(heapMB), "", significant(heapMB / floor.heapMB), ""],
  ];
}

function median(times: readonly number[]): number {
  return [...times].sort((a, b) => a - b)[Math.floor(times.length / 2)] as number;
}

function markdown(title: string, rows: readonly (readonly string[])[]): string {
  const all = [[title, "median ms", "best ms", "x floor", "found"], ...rows];
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

async function heapMB(): Promise<number> {
  if (globalThis.gc === undefined) throw new Error("the heap is measured with node --expose-gc");
  for (let i = 0; i < 4; i++) {
    await new Promise((resolve) => setImmediate(resolve));
    globalThis.gc();
  }
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / 1e6;
}

function readScale(): Scale {
  const { values } = parseArgs({
    options: { docs: { type: "string" }, quick: { type: "boolean", default: false } },
  });
  const documents = Number(values.docs?.replaceAll("_", "") ?? (values.quick ? 2_000 : 100_000));
  if (!Number.isInteger(documents) || documents < 1) throw new Error(`--docs: not a count`);
  return { documents, rounds: values.quick ? 5 : 25 };
}

async function main(): Promise<void> {
  const scale = readScale();
  console.log(`Node ${process.version}, ${cpus().length} x ${cpus()[0]?.model}\n`);
  console.log(await measureText(scale));
  console.log(await measureVectors(scale));
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? `${error.message}\n\n${usage}` : error);
  process.exitCode = 1;
});
