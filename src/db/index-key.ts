/**
 * Index keys: Convex values as strings of one-byte characters whose `<` order is Convex's total
 * order (engine.md 1.5). A key is the concatenation of its parts, each self-delimiting, so "starts
 * with the parts of (a, b)" is the same as "field one equals a and field two equals b".
 *
 * Characters stay below 0x100 on purpose: V8 stores such strings in one byte a character and
 * compares them 1.5 to 1.8 times faster (DESIGN 5).
 */
import { isCommitTsPlaceholder } from "../values/commit-ts";
import {
  isArrayBuffer,
  MAX_INT64,
  sortedKeys,
  type Value,
  type ValueObject,
} from "../values/value";

const MISSING = "\x01";
const NULL = "\x03";
const INT_ZERO = "\x08";
const FLOAT = 0x0d;
const FALSE = "\x0e";
const TRUE = "\x0f";
const STRING = "\x10";
const BYTES = "\x11";
const ARRAY = "\x12";
const OBJECT = "\x15";
const END = "\x00";
const ESCAPED_END = "\x00\xff";

/**
 * The encoding of one key part; `undefined` is a missing field, lowest of all.
 *
 * @example encodeKeyPart("a") < encodeKeyPart("b") // true
 */
export function encodeKeyPart(value: Value | undefined): string {
  switch (typeof value) {
    case "string":
      return STRING + escapeText(value) + END;
    case "number":
      return encodeFloat(value);
    case "undefined":
      return MISSING;
    case "boolean":
      return value ? TRUE : FALSE;
    case "bigint":
      return encodeInt(value);
    default:
      return encodeComposite(value);
  }
}

/** The least string above every string that starts with `prefix`: parts begin below 0xff. */
export function after(prefix: string): string {
  return `${prefix}\xff`;
}

/**
 * Where the part that begins at `start` ends. Cost: the length of the part.
 * Works on complete parts only, as found in stored keys.
 */
export function partEnd(key: string, start: number): number {
  const tag = key.charCodeAt(start);
  if (tag === FLOAT) return start + 9;
  if (tag >= 0x04 && tag <= 0x0c) return start + 1 + intWidth(tag);
  if (tag === 0x10 || tag === 0x11) return textEnd(key, start + 1);
  if (tag === 0x12) return listEnd(key, start + 1, false);
  if (tag === 0x15) return listEnd(key, start + 1, true);
  return start + 1;
}

/** The prefixes of `key` cut after each of its parts, shortest first, the whole key last. */
export function keyPrefixes(key: string): string[] {
  const prefixes: string[] = [];
  for (let position = 0; position < key.length; ) {
    position = partEnd(key, position);
    prefixes.push(key.slice(0, position));
  }
  return prefixes;
}

const floatCell = new Float64Array(1);
const wordCells = new Uint32Array(floatCell.buffer);
const [LOW, HIGH] = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1 ? [0, 1] : [1, 0];

function encodeFloat(value: number): string {
  floatCell[0] = value;
  let high = wordCells[HIGH as number] as number;
  let low = wordCells[LOW as number] as number;
  // A NaN of JavaScript may carry any payload; Convex's is the positive quiet one.
  if (Number.isNaN(value)) {
    high = 0x7ff80000;
    low = 0;
  }
  if (high >>> 31 === 1) {
    high = ~high;
    low = ~low;
  } else {
    high |= 0x80000000;
  }
  return String.fromCharCode(
    FLOAT,
    high >>> 24,
    (high >>> 16) & 0xff,
    (high >>> 8) & 0xff,
    high & 0xff,
    low >>> 24,
    (low >>> 16) & 0xff,
    (low >>> 8) & 0xff,
    low & 0xff,
  );
}

/** Tags 0x04..0x07 hold negatives of 8, 4, 2, 1 bytes; 0x09..0x0c positives of 1, 2, 4, 8. */
function intWidth(tag: number): number {
  if (tag === 0x08) return 0;
  return tag < 0x08 ? 8 >> (tag - 0x04) : 1 << (tag - 0x09);
}

function encodeInt(value: bigint): string {
  if (value === 0n) return INT_ZERO;
  const positive = value > 0n;
  let step = 0;
  while (step < 3 && !fits(value, 1 << step)) step += 1;
  const width = 1 << step;
  const tag = positive ? 0x09 + step : 0x07 - step;
  let text = String.fromCharCode(tag);
  const bits = BigInt.asUintN(width * 8, value);
  for (let shift = (width - 1) * 8; shift >= 0; shift -= 8) {
    text += String.fromCharCode(Number((bits >> BigInt(shift)) & 0xffn));
  }
  return text;
}

function fits(value: bigint, bytes: number): boolean {
  return BigInt.asIntN(bytes * 8, value) === value;
}

function encodeComposite(value: Exclude<Value, string | number | boolean | bigint>): string {
  if (value === null) return NULL;
  if (Array.isArray(value)) return ARRAY + value.map(encodeKeyPart).join("") + END;
  if (isArrayBuffer(value)) return BYTES + escapeBytes(new Uint8Array(value)) + END;
  // Until it is resolved, a commit timestamp counts as the largest Int64 (engine.md 1.7).
  if (isCommitTsPlaceholder(value)) return encodeInt(MAX_INT64);
  return encodeObject(value);
}

function encodeObject(object: ValueObject): string {
  let text = OBJECT;
  for (const field of sortedKeys(object)) {
    const member = object[field];
    if (member === undefined) continue;
    // An empty name would read as the object's end; the 0xff after it says otherwise.
    text += escapeText(field) + (field === "" ? ESCAPED_END : END) + encodeKeyPart(member);
  }
  return text + END;
}

/** UTF-8 bytes as characters, with 0x00 escaped as 0x00 0xff. */
function escapeText(text: string): string {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 0 || code > 0x7f) return escapeBytes(encoder.encode(text));
  }
  return text;
}

const encoder = new TextEncoder();
const CHUNK = 4096;

function escapeBytes(bytes: Uint8Array): string {
  let text = "";
  for (let start = 0; start < bytes.length; start += CHUNK) {
    text += String.fromCharCode(...bytes.subarray(start, start + CHUNK));
  }
  return text.includes(END) ? text.replaceAll(END, ESCAPED_END) : text;
}

function textEnd(key: string, start: number): number {
  let end = key.indexOf(END, start);
  while (key.charCodeAt(end + 1) === 0xff) end = key.indexOf(END, end + 2);
  return end + 1;
}

function listEnd(key: string, start: number, named: boolean): number {
  let position = start;
  while (key.charCodeAt(position) !== 0 || (named && key.charCodeAt(position + 1) === 0xff)) {
    if (named) position = nameEnd(key, position);
    position = partEnd(key, position);
  }
  return position + 1;
}

function nameEnd(key: string, start: number): number {
  // The empty name is written as an escaped end alone.
  if (key.charCodeAt(start) === 0) return start + 2;
  return textEnd(key, start);
}
