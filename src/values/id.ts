/**
 * Document ids (engine.md 4): table number, 16-byte internal id and checksum as lowercase base32
 * text. Knows nothing of table names or whether a document exists; nothing here allocates except
 * what it returns.
 */
import { userError } from "../shared/errors";
import { utf8Length } from "./utf8";

/** Bytes of an internal id: 14 random ones, then the day it was made on. */
export const INTERNAL_ID_LENGTH = 16;

const FOOTER_LENGTH = 2;
const MIN_TEXT_LENGTH = 31;
const USUAL_TEXT_LENGTH = 32;
const MAX_TEXT_LENGTH = 37;
const MAX_TABLE_NUMBER = 2 ** 32 - 1;
const MAX_TABLE_NUMBER_LENGTH = 5;

const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";
const codeOf = Uint8Array.from(ALPHABET, (character) => character.charCodeAt(0));
const NOT_BASE32 = -1;
const fiveBitsOf = readerTable();

/** By character code; {@link NOT_BASE32} for foreign characters. */
function readerTable(): Int8Array {
  const table = new Int8Array(128).fill(NOT_BASE32);
  codeOf.forEach((code, fiveBits) => {
    table[code] = fiveBits;
  });
  return table;
}

/** Scratch for the bytes of the id at hand; every use fills it first and none outlives its call. */
const scratch = new Uint8Array(24);

/** Scratch for the characters of an id, one array for each number of bytes. */
const codeBuffers = Array.from({ length: 24 }, (_, bytes) =>
  new Array<number>(textLength(bytes)).fill(0),
);

/** A decoded id. */
export interface DecodedId {
  readonly tableNumber: number;
  readonly internalId: Uint8Array;
}

/**
 * The id of a document. `tableNumber` is 1 or more, `internalId` has 16 bytes.
 *
 * @example
 * ```ts
 * encodeId(10001, new Uint8Array(16)); // => "j5700000000000000000000000001qv0"
 * ```
 */
export function encodeId(tableNumber: number, internalId: Uint8Array): string {
  let length = writeTableNumber(tableNumber);
  for (let i = 0; i < INTERNAL_ID_LENGTH; i++) scratch[length++] = internalId[i]!;
  const footer = checksum(length);
  scratch[length++] = footer & 0xff;
  scratch[length++] = footer >> 8;
  return base32Of(length);
}

/** Splits an id, or throws Convex's decode error. */
export function decodeId(id: string): DecodedId {
  const tableNumber = anyTableNumber(id);
  if (tableNumber === undefined) throw userError("IdInvalid", idProblem(id));
  const start = tableNumberEnd();
  return { tableNumber, internalId: scratch.slice(start, start + INTERNAL_ID_LENGTH) };
}

/**
 * Ids that were read lately, each at a place told by two of its random characters, and their table
 * numbers: an id is looked at again and again as it goes from an argument to a document to a result.
 */
const recentIds = new Array<string>(1024).fill("");
const recentNumbers = new Uint32Array(1024);

function placeOf(id: string): number {
  return ((id.charCodeAt(8) << 5) ^ id.charCodeAt(12)) & 1023;
}

/** Spares the next who ask for the table number of a well-formed id the work of reading it. */
export function noteTableNumber(id: string, tableNumber: number): void {
  if (id.length !== USUAL_TEXT_LENGTH) return;
  const place = placeOf(id);
  recentIds[place] = id;
  recentNumbers[place] = tableNumber;
}

/** The table number of a well-formed id with a right checksum, else `undefined`. */
export function tryTableNumber(id: string): number | undefined {
  if (id.length !== USUAL_TEXT_LENGTH) return anyTableNumber(id);
  const place = placeOf(id);
  if (recentIds[place] === id) return recentNumbers[place];
  const number = usualTableNumber(id);
  if (number === undefined) return undefined;
  recentIds[place] = id;
  recentNumbers[place] = number;
  return number;
}

/**
 * {@link anyTableNumber} for ids of 32 characters, that is for table numbers of two bytes: the only
 * ones in practice. Reads eight characters as five bytes at a time, without writing them down.
 */
function usualTableNumber(id: string): number | undefined {
  let low = 0;
  let high = 0;
  let foreign = 0;
  let tableNumber = 0;
  let footer = 0;
  for (let i = 0; i < USUAL_TEXT_LENGTH; i += 8) {
    const front = fourCharacters(id, i);
    const back = fourCharacters(id, i + 4);
    foreign |= front | back;
    const first = (front >> 12) & 0xff;
    const second = (front >> 4) & 0xff;
    if (i === 0) tableNumber = twoByteTableNumber(first, second);
    low += first;
    high += low;
    low += second;
    high += low;
    low += ((front & 0xf) << 4) | ((back >> 16) & 0xf);
    high += low;
    footer = back & 0xffff;
    if (i === USUAL_TEXT_LENGTH - 8) break;
    low += footer >> 8;
    high += low;
    low += footer & 0xff;
    high += low;
  }
  const isIntact = foreign >= 0 && footer === (((low & 0xff) << 8) | (high & 0xff));
  return isIntact && tableNumber !== 0 ? tableNumber : undefined;
}

/** Twenty bits, or a negative number when one of the characters is foreign. */
function fourCharacters(id: string, i: number): number {
  const a = id.charCodeAt(i);
  const b = id.charCodeAt(i + 1);
  const c = id.charCodeAt(i + 2);
  const d = id.charCodeAt(i + 3);
  if ((a | b | c | d) > 0x7f) return -1;
  return (fiveBitsOf[a]! << 15) | (fiveBitsOf[b]! << 10) | (fiveBitsOf[c]! << 5) | fiveBitsOf[d]!;
}

/** 0 unless the bytes are a table number that needs two: a continued one and a last one, not zero. */
function twoByteTableNumber(first: number, second: number): number {
  const isTwoBytes = first >= 0x80 && second < 0x80 && second !== 0;
  return isTwoBytes ? (first & 0x7f) | (second << 7) : 0;
}

function anyTableNumber(id: string): number | undefined {
  const length = readBase32(id);
  if (length === NOT_BASE32 || scratch[length] !== 0 || textLength(length) !== id.length) {
    return undefined;
  }
  const start = tableNumberEnd();
  const footer = start + INTERNAL_ID_LENGTH;
  if (start === 0 || length !== footer + FOOTER_LENGTH) return undefined;
  if (footerAt(footer) !== checksum(footer)) return undefined;
  // A table number has one spelling: no empty last group.
  return start > 1 && scratch[start - 1] === 0 ? undefined : readTableNumber(start);
}

/** Whether `id` is a well-formed id of the table with this number. */
export function isIdOfTable(id: string, tableNumber: number): boolean {
  return tryTableNumber(id) === tableNumber;
}

/** Why an id that `tryTableNumber` refuses does not decode, in Convex's words and order. */
function idProblem(id: string): string {
  const bytes = utf8Length(id);
  const badLength = `Unable to decode ID: Invalid ID length ${bytes}`;
  if (bytes < MIN_TEXT_LENGTH || bytes > MAX_TEXT_LENGTH) return badLength;
  const length = readBase32(id);
  if (length === NOT_BASE32) return "Unable to decode ID: ID wasn't valid base32";
  const start = tableNumberEnd();
  if (start === 0) return "Unable to decode ID: Invalid table number";
  const footer = start + INTERNAL_ID_LENGTH;
  if (length < footer + FOOTER_LENGTH) return badLength;
  const [got, expected] = [footerAt(footer), checksum(footer)];
  if (got === expected) return badLength;
  return `Unable to decode ID: Invalid ID version ${got} (expected ${expected})`;
}

/**
 * Reads `id` into `scratch`: how many bytes it held, or {@link NOT_BASE32}. The bits left over
 * follow the last byte.
 */
function readBase32(id: string): number {
  if (id.length < MIN_TEXT_LENGTH || id.length > MAX_TEXT_LENGTH) return NOT_BASE32;
  let length = 0;
  let bits = 0;
  let buffer = 0;
  for (let i = 0; i < id.length; i++) {
    const fiveBits = fiveBitsOf[id.charCodeAt(i)];
    if (fiveBits === undefined || fiveBits === NOT_BASE32) return NOT_BASE32;
    buffer = (buffer << 5) | fiveBits;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      scratch[length++] = buffer >> bits;
    }
  }
  scratch[length] = buffer & ((1 << bits) - 1);
  return length;
}

/** The first `length` bytes of `scratch` as base32 text. */
function base32Of(length: number): string {
  const codes = codeBuffers[length]!;
  let bits = 0;
  let buffer = 0;
  let out = 0;
  for (let i = 0; i < length; i++) {
    buffer = (buffer << 8) | scratch[i]!;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      codes[out++] = codeOf[(buffer >> bits) & 31]!;
    }
  }
  if (bits > 0) codes[out] = codeOf[(buffer << (5 - bits)) & 31]!;
  return String.fromCharCode.apply(null, codes);
}

function textLength(bytes: number): number {
  return Math.ceil((bytes * 8) / 5);
}

/** Fletcher-16 modulo 256 over the first `length` bytes of `scratch`; the format's version is 0. */
function checksum(length: number): number {
  let low = 0;
  let high = 0;
  for (let i = 0; i < length; i++) {
    low += scratch[i]!;
    high += low;
  }
  return ((high & 0xff) << 8) | (low & 0xff);
}

function footerAt(position: number): number {
  return scratch[position]! | (scratch[position + 1]! << 8);
}

/** Writes a table number, seven bits a byte, lowest first; answers the position after it. */
function writeTableNumber(tableNumber: number): number {
  let end = 0;
  let rest = tableNumber;
  while (rest >= 0x80) {
    scratch[end++] = (rest & 0x7f) | 0x80;
    rest = Math.floor(rest / 0x80);
  }
  scratch[end++] = rest;
  return end;
}

/** Where the table number in `scratch` ends, or 0 when there is none that Convex accepts. */
function tableNumberEnd(): number {
  let end = 0;
  while (end < MAX_TABLE_NUMBER_LENGTH) {
    if (scratch[end++]! < 0x80) {
      const tableNumber = readTableNumber(end);
      return tableNumber === 0 || tableNumber > MAX_TABLE_NUMBER ? 0 : end;
    }
  }
  return 0;
}

function readTableNumber(end: number): number {
  let tableNumber = 0;
  for (let i = end - 1; i >= 0; i--) tableNumber = tableNumber * 0x80 + (scratch[i]! & 0x7f);
  return tableNumber;
}
