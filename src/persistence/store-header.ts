/**
 * The named texts of a store, read and written as what they mean: format, secret, newest commit,
 * tables. Everything that is read is parsed first.
 */
import { Timestamp } from "../db/timestamp";
import { atLeastZero, type Check, count, satisfying, shape, text } from "../shared/check-shape";
import { fromByteArray, toByteArray } from "../values/base64";
import type { MetaChange } from "./persistence";
import { persistenceError, reasonOf, refuse } from "./persistence-error";

/** The only format there has been. A change that older code would misread gets the next number. */
const FORMAT = 1;

/** The newest commit of a store. */
export interface StoredMoment {
  readonly ts: Timestamp;
  /** The greatest `_creationTime` given out so far, in milliseconds. */
  readonly creationTime: number;
}

/** One table of a store. */
export interface StoredTable {
  /** What rows call it: from 1 on, never used again. */
  readonly key: number;
  /** Path of the component it belongs to. */
  readonly component: string;
  readonly name: string;
  /** The number its ids carry. */
  readonly number: number;
  /** The validator its documents were last checked against, as text; "" for none. */
  readonly validator: string;
}

export interface StoreHeader {
  /** 32 bytes: cursors and URLs of files hold as long as they do. */
  readonly secret: Uint8Array;
  readonly moment: StoredMoment;
  readonly tables: readonly StoredTable[];
  /** The greatest key a table has or had. */
  readonly lastTableKey: number;
}

const FORMAT_NAME = "format";
const SECRET_NAME = "secret";
const MOMENT_NAME = "moment";
const TABLE_PREFIX = "table/";
const DROPPED = "null";

interface MomentJSON {
  readonly seq: number;
  readonly ns: string;
  readonly creationTime: number;
}

const checkMoment = shape({
  seq: count,
  ns: satisfying((ns) => typeof ns === "string" && /^\d{1,19}$/.test(ns), "up to 19 digits"),
  creationTime: atLeastZero,
});

const checkTable = shape({
  component: text,
  name: satisfying((name) => typeof name === "string" && name !== "", "a name"),
  number: count,
  validator: text,
});

/**
 * @returns `undefined` for a store that nobody has written to
 * @throws InvexError `PersistenceFailed` when it is not a store of this format, naming the text
 */
export function readHeader(meta: ReadonlyMap<string, string>): StoreHeader | undefined {
  if (meta.size === 0) return undefined;
  checkFormat(meta.get(FORMAT_NAME));
  const entries = [...meta].filter(([name]) => name.startsWith(TABLE_PREFIX));
  const tables = entries.map(([name, text]) => readTable(name, text));
  return {
    secret: readSecret(textOf(meta, SECRET_NAME)),
    moment: readMoment(textOf(meta, MOMENT_NAME)),
    tables: tables.filter((table) => table !== undefined),
    lastTableKey: Math.max(0, ...entries.map(([name]) => tableKey(name))),
  };
}

/** What a new store begins with. */
export function headerChanges(secret: Uint8Array, moment: StoredMoment): MetaChange[] {
  return [
    { name: FORMAT_NAME, text: String(FORMAT) },
    { name: SECRET_NAME, text: fromByteArray(secret) },
    momentChange(moment),
  ];
}

export function momentChange({ ts, creationTime }: StoredMoment): MetaChange {
  const text = JSON.stringify({ seq: ts.seq, ns: String(ts.ns), creationTime });
  return { name: MOMENT_NAME, text };
}

export function tableChange({ key, ...table }: StoredTable): MetaChange {
  return { name: TABLE_PREFIX + key, text: JSON.stringify(table) };
}

/** Its key is not used again. */
export function droppedTableChange({ key }: StoredTable): MetaChange {
  return { name: TABLE_PREFIX + key, text: DROPPED };
}

function checkFormat(text: string | undefined): void {
  if (text === String(FORMAT)) return;
  const format = Number(text);
  if (Number.isInteger(format) && format > FORMAT) {
    throw persistenceError(
      "newer",
      `The data was written in format ${format} by a newer Invex; this one knows format ${FORMAT}. Use the newer version. Nothing was changed.`,
      { format },
    );
  }
  throw damaged(FORMAT_NAME, `expected ${FORMAT}, got ${text ?? "nothing"}`);
}

function textOf(meta: ReadonlyMap<string, string>, name: string): string {
  const text = meta.get(name);
  if (text === undefined) throw damaged(name, "it is missing");
  return text;
}

function readSecret(text: string): Uint8Array {
  const isBase64 = /^[A-Za-z0-9+/]{43}=$/.test(text);
  if (!isBase64) throw damaged(SECRET_NAME, "expected 32 bytes as Base64");
  return toByteArray(text);
}

function readMoment(text: string): StoredMoment {
  const { seq, ns, creationTime } = parse<MomentJSON>(MOMENT_NAME, text, checkMoment);
  return { ts: Timestamp.fromNs(seq, BigInt(ns)), creationTime };
}

/** @returns `undefined` for one that was dropped */
function readTable(name: string, text: string): StoredTable | undefined {
  const key = tableKey(name);
  return text === DROPPED
    ? undefined
    : { key, ...parse<Omit<StoredTable, "key">>(name, text, checkTable) };
}

function tableKey(name: string): number {
  const key = Number(name.slice(TABLE_PREFIX.length));
  if (!Number.isSafeInteger(key) || key < 1) throw damaged(name, "it has no number");
  return key;
}

function parse<T>(name: string, text: string, check: Check): T {
  try {
    const json: unknown = JSON.parse(text);
    check(json, "", refuse);
    return json as T;
  } catch (cause) {
    throw damaged(name, reasonOf(cause));
  }
}

function damaged(name: string, problem: string) {
  return persistenceError(
    "damaged",
    `The data cannot be read: its entry "${name}" is not what Invex wrote (${problem}). Nothing was changed.`,
    { entry: name },
  );
}
