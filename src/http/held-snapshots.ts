/**
 * The past, for clients that ask several queries of one moment: snapshots that `query_ts` has handed
 * out, held for a minute of the backend's clock after that, and no more than so many.
 *
 * Nothing is armed: what has expired is let go at the next commit, which is what makes holding it
 * cost anything, or at the next use.
 */
import type { Snapshot } from "../db/live-snapshots";
import type { Timestamp } from "../db/timestamp";
import type { Clock } from "../shared/clock";
import { fromByteArray, toByteArray } from "../values/base64";
import { refusal } from "./refusal";

/** How long a snapshot can be asked for. Convex's client counts on half of it. */
export const SNAPSHOT_LIFETIME_MS = 60_000;

const MAX_HELD = 1000;

export interface HeldSnapshotsOptions {
  readonly database: { readonly latest: Timestamp; current(): Snapshot };
  readonly clock: Clock;
}

interface Held {
  readonly snapshot: Snapshot;
  readonly expiresAtMs: number;
}

export class HeldSnapshots {
  readonly #options: HeldSnapshotsOptions;
  /** By nanoseconds; the one that expires first comes first. */
  readonly #held = new Map<bigint, Held>();

  constructor(options: HeldSnapshotsOptions) {
    this.#options = options;
  }

  /** Holds the newest version and names it. O(1) amortised. */
  hold(): string {
    const { database, clock } = this.#options;
    this.releaseExpired();
    const snapshot = database.current();
    const { ns } = snapshot.ts;
    this.#release(ns);
    this.#held.set(ns, { snapshot, expiresAtMs: clock.now() + SNAPSHOT_LIFETIME_MS });
    if (this.#held.size > MAX_HELD) this.#release(this.#oldest());
    return encodeTs(ns);
  }

  /**
   * The version that `ts` names. The caller owns it: release it.
   * @param acquire one more right to read what a snapshot reads
   * @throws InvexError a refusal when it is malformed, or not held any more
   */
  find(ts: string, acquire: (snapshot: Snapshot) => Snapshot): Snapshot {
    const { database } = this.#options;
    this.releaseExpired();
    const ns = decodeTs(ts);
    const held = this.#held.get(ns);
    if (held !== undefined) return acquire(held.snapshot);
    if (ns === database.latest.ns) return database.current();
    throw refusal(
      400,
      "SnapshotNotFound",
      `Timestamp ${ns} cannot be read: only timestamps that /api/query_ts gave within the last ${SNAPSHOT_LIFETIME_MS / 1000} seconds are kept. Ask for a new one.`,
    );
  }

  /** Lets go of what nobody may ask for any more. Call it with every commit. O(expired). */
  releaseExpired(): void {
    const nowMs = this.#options.clock.now();
    for (const [ns, { expiresAtMs }] of this.#held) {
      if (expiresAtMs > nowMs) break;
      this.#release(ns);
    }
  }

  /** Lets go of everything. */
  close(): void {
    for (const ns of [...this.#held.keys()]) this.#release(ns);
  }

  #oldest(): bigint | undefined {
    return this.#held.keys().next().value;
  }

  #release(ns: bigint | undefined): void {
    if (ns === undefined) return;
    this.#held.get(ns)?.snapshot.release();
    this.#held.delete(ns);
  }
}

/** As Convex writes timestamps in JSON: eight bytes, little-endian, in base64. */
function encodeTs(ns: bigint): string {
  const bytes = new DataView(new ArrayBuffer(8));
  bytes.setBigUint64(0, ns, true);
  return fromByteArray(new Uint8Array(bytes.buffer));
}

function decodeTs(ts: string): bigint {
  const bytes = ts.length === 12 ? toByteArray(ts) : undefined;
  if (bytes?.length !== 8 || fromByteArray(bytes) !== ts) {
    throw refusal(400, "InvalidTimestamp", `Invalid timestamp: ${JSON.stringify(ts)}`);
  }
  return new DataView(bytes.buffer).getBigUint64(0, true);
}
