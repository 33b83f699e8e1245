/**
 * Answers of one-shot queries, kept for the next who asks the same. Bounded; the least recently used
 * go first. A commit does nothing to it: whether an answer still holds is found out when somebody
 * asks, by comparing what it depended on with the commits since (engine.md 8).
 *
 * Keeping a large answer costs its asker a copy and the garbage collector its survival, more than
 * running the query does. So one is kept only when it turns out to be asked for again: the first
 * time, just what it depended on is noted down. And when nobody has come back for any of the last
 * thousand answers, even small ones are kept only for those who ask a second time.
 */
import { type Conflict, findConflict } from "../db/conflict";
import type { Reads } from "../db/read-set";
import { assert } from "../shared/assert";
import { approximateBytes } from "./approximate-bytes";
import type { SnapshotSource, WallClock } from "./ports";
import type { FinishedRun } from "./query-runs";
import { RecentNames } from "./recent-names";

/** How long an answer that depends on what time it is may be given again (engine.md 8). */
const TIMED_ANSWER_LIFE_MS = 17_000;

/** An answer this many commits old is found again faster than it is checked. */
const MOST_COMMITS_TO_CHECK = 128;

/** Up to here an answer is kept at once. */
const SMALL_BYTES = 2_048;

export interface QueryCacheOptions {
  readonly snapshots: Pick<SnapshotSource, "latest" | "commitsSince">;
  readonly clock: WallClock;
  /** Most answers kept; 0 keeps none. Default: 1,000. */
  readonly maxEntries?: number | undefined;
  /** Most bytes kept, as far as a sample tells. Default: 16 MiB. */
  readonly maxBytes?: number | undefined;
}

/** What became of an answer that may be kept. */
export type CacheState =
  | { readonly kind: "absent" | "good" | "noted" | "expired" | "forgotten" }
  | { readonly kind: "invalidated"; readonly conflict: Conflict; readonly reads: Reads };

interface Entry {
  /** Without its value if only a note. */
  readonly run: FinishedRun;
  readonly isNote: boolean;
  /** Whether it answers one caller only. */
  readonly isPersonal: boolean;
  readonly bytes: number;
  /** Whether somebody asked for what was noted while it was still true. */
  isWanted: boolean;
  /** The newest commit that it is known to be true after. */
  validSeq: number;
}

export class QueryCache {
  readonly #snapshots: Pick<SnapshotSource, "latest" | "commitsSince">;
  readonly #clock: WallClock;
  readonly #maxEntries: number;
  readonly #maxBytes: number;
  /** The least recently used first. */
  readonly #entries = new Map<string, Entry>();
  #bytes = 0;
  /** Answers kept or noted since somebody last came back for one. */
  #inVain = 0;
  /** Made when all seems to be in vain: what was asked for since. */
  #askedInVain: RecentNames | undefined;
  /** The most recently used one, the last in line. */
  #newest: Entry | undefined;
  /** How many entries are personal. */
  #personal = 0;

  constructor(options: QueryCacheOptions) {
    this.#snapshots = options.snapshots;
    this.#clock = options.clock;
    this.#maxEntries = options.maxEntries ?? 1_000;
    this.#maxBytes = options.maxBytes ?? 16 * 2 ** 20;
  }

  get size(): number {
    return this.#entries.size;
  }

  /**
   * The successful run that answers `key` for `caller` as of the newest commit. Its value stays the
   * cache's: copy it. Cost: O(changes of the commits since it was last asked for).
   */
  find(key: string, caller: string): FinishedRun | undefined {
    return this.#use(key) ?? (this.#personal === 0 ? undefined : this.#use(key + caller));
  }

  /**
   * Keeps a run, or a note of it. Failures are not kept. Cost: O(1), but for what has to go.
   * @returns whether it was kept: then its value is the cache's from now on
   */
  keep(key: string, caller: string, run: FinishedRun): boolean {
    if (!run.outcome.ok || this.#maxEntries === 0) return false;
    const isPersonal = run.readIdentity;
    const name = isPersonal ? key + caller : key;
    if (this.#isInVain(name) && !run.isShared) return false;
    const present = this.#entries.get(name);
    if (present !== undefined && present.validSeq > run.seq) return false;
    const bytes = name.length + approximateBytes(run.outcome.value);
    if (bytes > this.#maxBytes) return false;
    const isNote = bytes > SMALL_BYTES && !run.isShared && present?.isWanted !== true;
    if (present !== undefined) this.#drop(name);
    const entry = { run, isNote, isPersonal, bytes, isWanted: false, validSeq: run.seq };
    this.#add(name, isNote ? noteOf(entry, name) : entry);
    return !isNote;
  }

  /**
   * What `find` would do, and why, without doing it. `noted`: large, and asked for once only;
   * `expired`: it depends on the time; `forgotten`: too many commits since to be checked.
   */
  inspect(key: string, caller: string): CacheState {
    const entry = this.#entries.get(key) ?? this.#entries.get(key + caller);
    if (entry === undefined) return { kind: "absent" };
    if (!isInTime(entry.run, this.#clock)) return { kind: "expired" };
    const commits = this.#snapshots.commitsSince(entry.validSeq);
    const isOld = commits === undefined || commits.length > MOST_COMMITS_TO_CHECK;
    if (isOld) return { kind: "forgotten" };
    const { reads } = entry.run;
    const conflict = findConflict(reads, commits);
    if (conflict !== undefined) return { kind: "invalidated", conflict, reads };
    return { kind: entry.isNote ? "noted" : "good" };
  }

  /** Whether nobody comes back for anything, and not for this either as far as one can see. */
  #isInVain(name: string): boolean {
    if (this.#inVain < this.#maxEntries) return false;
    this.#askedInVain ??= new RecentNames();
    return !this.#askedInVain.add(name);
  }

  /** Forgets everything. */
  clear(): void {
    this.#entries.clear();
    this.#newest = undefined;
    this.#bytes = 0;
    this.#personal = 0;
  }

  /** Throws unless the entries are within bounds and counted. */
  checkInvariants(): void {
    let bytes = 0;
    let personal = 0;
    for (const entry of this.#entries.values()) {
      bytes += entry.bytes;
      personal += Number(entry.isPersonal);
    }
    assert(personal === this.#personal, "the personal answers of the cache are miscounted");
    assert(bytes === this.#bytes, "the bytes of the cache are miscounted");
    assert(bytes <= this.#maxBytes, "the cache holds too many bytes");
    assert(this.#entries.size <= this.#maxEntries, "the cache holds too many entries");
  }

  #use(name: string): FinishedRun | undefined {
    const entry = this.#entries.get(name);
    if (entry === undefined) return undefined;
    if (!isInTime(entry.run, this.#clock) || !this.#isTrue(entry)) {
      this.#drop(name);
      return undefined;
    }
    if (entry !== this.#newest) {
      this.#entries.delete(name);
      this.#entries.set(name, entry);
      this.#newest = entry;
    }
    entry.isWanted = true;
    this.#inVain = 0;
    return entry.isNote ? undefined : entry.run;
  }

  #isTrue(entry: Entry): boolean {
    const { seq } = this.#snapshots.latest;
    if (entry.validSeq === seq) return true;
    const commits = this.#snapshots.commitsSince(entry.validSeq);
    if (commits === undefined || commits.length > MOST_COMMITS_TO_CHECK) return false;
    if (findConflict(entry.run.reads, commits) !== undefined) return false;
    entry.validSeq = seq;
    return true;
  }

  #add(name: string, entry: Entry): void {
    this.#entries.set(name, entry);
    this.#newest = entry;
    this.#inVain += 1;
    this.#bytes += entry.bytes;
    if (entry.isPersonal) this.#personal += 1;
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= this.#maxEntries && this.#bytes <= this.#maxBytes) return;
      this.#drop(oldest);
    }
  }

  #drop(name: string): void {
    const entry = this.#entries.get(name);
    if (entry === undefined) return;
    this.#entries.delete(name);
    if (entry === this.#newest) this.#newest = undefined;
    this.#bytes -= entry.bytes;
    if (entry.isPersonal) this.#personal -= 1;
  }
}

/** The entry without what makes it large. */
function noteOf(entry: Entry, name: string): Entry {
  const run = { ...entry.run, outcome: NO_VALUE };
  return { ...entry, run, bytes: name.length };
}

const NO_VALUE = { ok: true, value: null } as const;

/** Whether an answer may be given again, as far as only time can tell. */
export function isInTime(
  answer: Pick<FinishedRun, "observedTime" | "ranAtMs">,
  clock: WallClock,
): boolean {
  return !answer.observedTime || clock.now() - answer.ranAtMs < TIMED_ANSWER_LIFE_MS;
}
