/**
 * Strings as Convex orders and measures them: by their UTF-8 bytes, while JavaScript's own `<`
 * and `length` count UTF-16 units.
 */

/** Orders two strings by their UTF-8 bytes (which is code point order): negative, 0 or positive. */
export function compareUtf8(a: string, b: string): number {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) return isSurrogate(x) || isSurrogate(y) ? compareCodePoints(a, b, i) : x - y;
  }
  return a.length - b.length;
}

/** The first difference is at unit `i`, and there one side is half of a surrogate pair. */
function compareCodePoints(a: string, b: string, i: number): number {
  const start = i > 0 && isHighSurrogate(a.charCodeAt(i - 1)) ? i - 1 : i;
  const difference = a.codePointAt(start)! - b.codePointAt(start)!;
  return difference === 0 ? a.codePointAt(i)! - b.codePointAt(i)! : difference;
}

/** The length of `text` in UTF-8 bytes. O(length). */
export function utf8Length(text: string): number {
  if (text.length <= COUNTED) return count(text);
  if (text.length * MAX_BYTES_PER_UNIT <= scratch.length) {
    return encoder.encodeInto(text, scratch).written;
  }
  return encoder.encode(text).length;
}

/** Up to here counting beats the call into the native encoder, which reads many bytes at a time. */
const COUNTED = 24;
const MAX_BYTES_PER_UNIT = 3;
const encoder = new TextEncoder();
const scratch = new Uint8Array(4096);

function count(text: string): number {
  const length = text.length;
  let bytes = length;
  for (let i = 0; i < length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) continue;
    bytes += unit < 0x800 ? 1 : 2;
    // A pair is four bytes: three for its first unit, one for the second.
    if (isHighSurrogate(unit) && isLowSurrogate(text.charCodeAt(i + 1))) i++;
  }
  return bytes;
}

/** Whether `text` is valid Unicode: no unpaired surrogate. O(1) for strings of Latin-1 characters. */
export const isWellFormed: (text: string) => boolean =
  "isWellFormed" in String.prototype
    ? (text) => (text as unknown as { isWellFormed(): boolean }).isWellFormed()
    : (text) => !/\p{Surrogate}/u.test(text);

function isSurrogate(unit: number): boolean {
  return (unit & 0xf800) === 0xd800;
}

function isHighSurrogate(unit: number): boolean {
  return (unit & 0xfc00) === 0xd800;
}

function isLowSurrogate(unit: number): boolean {
  return (unit & 0xfc00) === 0xdc00;
}
