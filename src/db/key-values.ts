/**
 * Index keys read back: the values that `index-key.ts` wrote into one. For whoever shows ranges to
 * people; the engine itself only ever compares keys.
 */
import type { Value } from "../values/value";
import { after, partEnd } from "./index-key";

/** A key, or the cut just above all keys that begin with it. */
export interface KeyValues {
  /** In the order of the index's fields; `undefined` is a missing field. */
  readonly values: readonly (Value | undefined)[];
  /** Whether it stands for the cut above (see `after`). */
  readonly isAfter: boolean;
}

/**
 * The values in a key of complete parts, with or without `after`. Cost: O(length).
 *
 * @example
 * decodeKey(encodeKeyPart("a") + encodeKeyPart(1)) // { values: ["a", 1], isAfter: false }
 */
export function decodeKey(key: string): KeyValues {
  const below = key.endsWith(AFTER) ? key.slice(0, -1) : undefined;
  // A last 0xff may also be the last byte of a number: without it the number is not complete.
  const isAfter = below !== undefined && partEnds(below).at(-1) === below.length;
  const parts = isAfter ? below : key;
  let start = 0;
  const values: (Value | undefined)[] = [];
  for (const end of partEnds(parts).slice(1)) {
    values.push(decodePart(parts.slice(start, end)));
    start = end;
  }
  return { values, isAfter };
}

const AFTER = after("");

/** 0, and where each part ends; the last may be beyond the key if that is cut short. */
function partEnds(key: string): number[] {
  const ends = [0];
  for (let end = 0; end < key.length; ) {
    end = partEnd(key, end);
    ends.push(end);
  }
  return ends;
}

function decodePart(part: string): Value | undefined {
  const tag = part.charCodeAt(0);
  const body = part.slice(1);
  if (tag === 0x01) return undefined;
  if (tag === 0x03) return null;
  if (tag >= 0x04 && tag <= 0x0c) return decodeInt(tag, body);
  if (tag === 0x0d) return decodeFloat(body);
  if (tag === 0x0e || tag === 0x0f) return tag === 0x0f;
  if (tag === 0x10) return decodeText(body.slice(0, -1));
  if (tag === 0x11) return bytesOf(unescaped(body.slice(0, -1))).buffer as ArrayBuffer;
  return tag === 0x12 ? decodeArray(body) : decodeObject(body);
}

function decodeInt(tag: number, body: string): bigint {
  let bits = 0n;
  for (let i = 0; i < body.length; i++) bits = (bits << 8n) | BigInt(body.charCodeAt(i));
  return tag < 0x08 ? BigInt.asIntN(body.length * 8, bits) : bits;
}

function decodeFloat(body: string): number {
  const bytes = bytesOf(body);
  const isNegative = (bytes[0] as number) < 0x80;
  const restored = bytes.map((byte, i) => restoredByte(byte, i, isNegative));
  return new DataView(restored.buffer).getFloat64(0);
}

/** Negative numbers are written with every bit turned, others with the sign turned. */
function restoredByte(byte: number, i: number, isNegative: boolean): number {
  if (isNegative) return ~byte & 0xff;
  return i === 0 ? byte & 0x7f : byte;
}

function decodeArray(body: string): Value[] {
  const items: Value[] = [];
  for (let position = 0; body.charCodeAt(position) !== 0; ) {
    const next = partEnd(body, position);
    items.push(decodePart(body.slice(position, next)) as Value);
    position = next;
  }
  return items;
}

function decodeObject(body: string): Value {
  const fields: [string, Value][] = [];
  for (let position = 0; !isObjectEnd(body, position); ) {
    const start = nameEnd(body, position);
    const next = partEnd(body, start);
    const name = body.charCodeAt(position) === 0 ? "" : body.slice(position, start - 1);
    fields.push([decodeText(name), decodePart(body.slice(start, next)) as Value]);
    position = next;
  }
  return Object.fromEntries(fields);
}

/** The empty name is written as an escaped end alone. */
function isObjectEnd(body: string, position: number): boolean {
  return body.charCodeAt(position) === 0 && body.charCodeAt(position + 1) !== 0xff;
}

/** A name is written as a string without its tag. */
function nameEnd(body: string, start: number): number {
  if (body.charCodeAt(start) === 0) return start + 2;
  return start + partEnd(STRING_TAG + body.slice(start), 0) - STRING_TAG.length;
}

const STRING_TAG = "\x10";

function decodeText(escaped: string): string {
  return utf8.decode(bytesOf(unescaped(escaped)));
}

const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });

function unescaped(text: string): string {
  return text.replaceAll("\x00\xff", "\x00");
}

function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}
