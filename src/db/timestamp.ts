/**
 * Commit timestamps. Inside the engine the sequence number orders commits; the nanoseconds are what
 * users, clients and documents see (engine.md 6.1), computed as a bigint only when asked for.
 */

/** When a commit happened: `seq` counts commits from 0, nanoseconds strictly increase with it. */
export class Timestamp {
  readonly seq: number;
  /** Milliseconds since the epoch. */
  readonly ms: number;
  /** Nanoseconds to add to `ms`; may exceed a millisecond when commits outrun the clock. */
  readonly extraNs: number;

  constructor(seq: number, ms: number, extraNs: number) {
    this.seq = seq;
    this.ms = ms;
    this.extraNs = extraNs;
  }

  /** Nanoseconds since the epoch. */
  get ns(): bigint {
    return BigInt(this.ms) * 1_000_000n + BigInt(this.extraNs);
  }

  /** Milliseconds since the epoch with the sub-millisecond part as fraction (as `_creationTime`). */
  get fractionalMs(): number {
    return this.ms + this.extraNs / 1_000_000;
  }

  /** The timestamp of the next commit at wall-clock time `nowMs`: max(latest + 1 ns, now). */
  next(nowMs: number): Timestamp {
    const wall = Math.floor(nowMs);
    return wall > this.ms + this.extraNs / 1_000_000
      ? new Timestamp(this.seq + 1, wall, 0)
      : new Timestamp(this.seq + 1, this.ms, this.extraNs + 1);
  }

  /** A timestamp with this sequence number and the given nanoseconds, as read from a disk. */
  static fromNs(seq: number, ns: bigint): Timestamp {
    return new Timestamp(seq, Number(ns / 1_000_000n), Number(ns % 1_000_000n));
  }
}

const cell = new Float64Array(1);
const bits = new BigUint64Array(cell.buffer);

/** The least double above `value` (positive, finite): how `_creationTime` advances (engine.md 6.4). */
export function nextUp(value: number): number {
  // Between 2^40 and 2^41 ms (2004 to 2039) one ulp is 2^-12.
  if (value >= 1_099_511_627_776 && value < 2_199_023_255_551) return value + 2 ** -12;
  cell[0] = value;
  bits[0] = (bits[0] as bigint) + 1n;
  return cell[0] as number;
}
