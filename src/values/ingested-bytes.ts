/**
 * How many bytes at most the fast roads have let in so far, whatever became of the values: counted
 * as they go, since walking a value once more to see that it is small costs a quarter of copying it.
 * Who wants to know of one value takes the difference; what is read in between makes it larger only.
 */
const cell = new Float64Array(1);

/** Most bytes of a UTF-16 unit. */
const BYTES_PER_UNIT = 3;

/** Bytes of a value that is neither text nor bytes nor holds anything, at most. */
export const SCALAR_BYTES = 9;

/** At least as many bytes as all values together that `ingest` and `strictCopy` were given. */
export function ingestedBytes(): number {
  return cell[0]!;
}

/** Bytes of a text at most, beyond those of a scalar. */
export function textBytes(text: string): number {
  return BYTES_PER_UNIT * text.length;
}

/** Notes a text, beyond the bytes of a scalar. */
export function countText(text: string): void {
  cell[0]! += textBytes(text);
}

/** Notes that so many bytes more were let in. */
export function countBytes(bytes: number): void {
  cell[0]! += bytes;
}
