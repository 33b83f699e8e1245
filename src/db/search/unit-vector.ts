/**
 * Vectors of length one, whose dot product is the cosine of the angle between them. Padded with
 * zeros to a multiple of {@link STEP}, which changes neither, so that `dot` needs no remainder.
 */

/** Numbers that `dot` takes at once: eight ran 1.4 to 2.5 times as fast as a plain loop. */
const STEP = 8;

/** How many numbers a unit vector takes in memory. */
export function paddedLength(dimensions: number): number {
  return Math.ceil(dimensions / STEP) * STEP;
}

/**
 * Writes `vector`, scaled to length one, to `into` at `offset`. A zero vector has no direction and
 * stays zero: its cosine with everything is taken to be 0.
 */
export function writeUnitVector(
  vector: readonly number[],
  into: Float32Array | Float64Array,
  offset: number,
): void {
  // Divided by the largest part first, no square over- or underflows.
  let largest = 0;
  for (const part of vector) largest = Math.max(largest, Math.abs(part));
  let squares = 0;
  for (const part of vector) squares += (part / (largest || 1)) ** 2;
  const length = Math.sqrt(squares) || 1;
  vector.forEach((part, i) => {
    into[offset + i] = part / (largest || 1) / length;
  });
}

/** The dot product of `a` at `offset` and `b`. */
export function dot(a: Float32Array, offset: number, b: Float64Array): number {
  let w = 0;
  let x = 0;
  let y = 0;
  let z = 0;
  // Four sums that do not wait for each other.
  for (let i = 0; i < b.length; i += STEP) {
    const at = offset + i;
    w += (a[at] as number) * (b[i] as number) + (a[at + 4] as number) * (b[i + 4] as number);
    x +=
      (a[at + 1] as number) * (b[i + 1] as number) + (a[at + 5] as number) * (b[i + 5] as number);
    y +=
      (a[at + 2] as number) * (b[i + 2] as number) + (a[at + 6] as number) * (b[i + 6] as number);
    z +=
      (a[at + 3] as number) * (b[i + 3] as number) + (a[at + 7] as number) * (b[i + 7] as number);
  }
  return w + x + y + z;
}
