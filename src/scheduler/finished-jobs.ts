/**
 * Jobs that have finished, by the time they may be removed. It asks for no wake: removal happens
 * whenever the scheduler is awake anyway, so that faked timers do not run a week ahead to clean up.
 */
import { type DueEntry, DueQueue } from "./due-queue";
import { type JobDocument, RETENTION_MS } from "./job";
import { removeExpired } from "./job-store";
import { JOBS, type JobReference, type SchedulerHost, type SystemChange } from "./ports";
import { documentKey } from "./task";

/** Jobs removed in one transaction, and the pause after a removal that failed. */
const BATCH_SIZE = 256;
const PAUSE_MS = 60_000;

export interface FinishedJob {
  readonly reference: JobReference;
  readonly completedTime: number;
}

export class FinishedJobs {
  #queue: DueQueue<JobReference>;
  #isRemoving = false;
  #notBeforeMs = Number.NEGATIVE_INFINITY;

  constructor(queue = DueQueue.of<JobReference>()) {
    this.#queue = queue;
  }

  /** Fills an empty queue. O(n log n). */
  load(jobs: readonly FinishedJob[]): void {
    this.#queue = DueQueue.of(jobs.map(entryOf));
  }

  /** Follows a commit. O(log n). */
  apply({ table, id, after }: SystemChange): void {
    if (table.name !== JOBS) return;
    const reference = { component: table.component, id };
    const { completedTime } = (after as JobDocument | undefined) ?? {};
    if (completedTime === undefined) this.#queue.delete(documentKey("job", reference));
    else this.#queue.set(entryOf({ reference, completedTime }));
  }

  /** Whether there is something to remove at `nowMs`, and nothing is being removed. O(log n). */
  isDue(nowMs: number): boolean {
    const first = this.#queue.peek();
    const hasExpired = first !== undefined && first.dueMs <= nowMs;
    return hasExpired && !this.#isRemoving && nowMs >= this.#notBeforeMs;
  }

  /** Removes the documents of some jobs that are due. Never rejects: a failure pauses removing. */
  async remove(host: SchedulerHost, nowMs: number): Promise<void> {
    const expired = this.#firstDue(nowMs);
    this.#isRemoving = true;
    try {
      await host.transact((tx) => {
        for (const { value } of expired) removeExpired(tx, value, nowMs);
      });
      // Most are gone already, by the commit; a document that was missing made none.
      for (const { key } of expired) this.#queue.delete(key);
    } catch {
      this.#notBeforeMs = nowMs + PAUSE_MS;
    } finally {
      this.#isRemoving = false;
    }
  }

  /** An independent queue with the same jobs. O(1). */
  clone(): FinishedJobs {
    return new FinishedJobs(this.#queue.clone());
  }

  checkInvariants(): void {
    this.#queue.checkInvariants();
  }

  #firstDue(nowMs: number): DueEntry<JobReference>[] {
    const due: DueEntry<JobReference>[] = [];
    for (const entry of this.#queue.values()) {
      if (entry.dueMs > nowMs || due.length === BATCH_SIZE) break;
      due.push(entry);
    }
    return due;
  }
}

function entryOf({ reference, completedTime }: FinishedJob): DueEntry<JobReference> {
  const key = documentKey("job", reference);
  return { key, dueMs: completedTime + RETENTION_MS, sequence: 0, value: reference };
}
