/**
 * The tasks that wait, in order of due time: a mirror of the committed documents, kept up to date
 * change by change. Plus what is put back for a retry, which is in no document.
 * Crons have a queue of their own, so that jobs can be had without them.
 */
import type { Clock } from "../shared/clock";
import type { CronDocument } from "./cron-job";
import { comesBefore, type DueEntry, DueQueue } from "./due-queue";
import { dueTimeOf, type JobDocument } from "./job";
import { JOBS, type SystemChange } from "./ports";
import { documentKey, type Task, taskKey } from "./task";

export class TaskQueue {
  readonly #clock: Clock;
  #jobs: DueQueue<Task>;
  #crons: DueQueue<Task>;

  constructor(clock: Clock, jobs = DueQueue.of<Task>(), crons = DueQueue.of<Task>()) {
    this.#clock = clock;
    this.#jobs = jobs;
    this.#crons = crons;
  }

  /** The task due first. O(log n). */
  get first(): DueEntry<Task> | undefined {
    const job = this.#jobs.peek();
    const cron = this.#crons.peek();
    if (job === undefined || cron === undefined) return job ?? cron;
    return comesBefore(cron, job) ? cron : job;
  }

  /** The task due first among those that are no runs of crons. O(log n). */
  get firstJob(): DueEntry<Task> | undefined {
    return this.#jobs.peek();
  }

  /** Fills an empty queue. O(n log n). */
  load(tasks: readonly Task[]): void {
    const entries = tasks.map((task) => this.#entry(task));
    this.#jobs = DueQueue.of(entries.filter(({ value }) => value.kind !== "cron"));
    this.#crons = DueQueue.of(entries.filter(({ value }) => value.kind === "cron"));
  }

  /** Adds a task at its due time, or at `atMs`. O(log n). */
  put(task: Task, atMs?: number): void {
    const entry = this.#entry(task);
    const queue = task.kind === "cron" ? this.#crons : this.#jobs;
    queue.set(atMs === undefined ? entry : { ...entry, dueMs: atMs });
  }

  remove(key: string): void {
    if (this.#jobs.delete(key) === undefined) this.#crons.delete(key);
  }

  /**
   * Follows a commit. O(log n).
   * @returns the key of the job, if the change is a new one that waits
   */
  apply({ table, id, before, after }: SystemChange): string | undefined {
    const reference = { component: table.component, id };
    if (table.name !== JOBS) {
      const cron = after as CronDocument | undefined;
      if (cron === undefined || cron.isRunning) this.remove(documentKey("cron", reference));
      else this.put({ kind: "cron", reference, document: cron });
      return undefined;
    }
    const job = after as JobDocument | undefined;
    const key = documentKey("job", reference);
    if (job?.state.kind !== "pending") this.remove(key);
    else if (before === undefined) {
      this.put({ kind: "job", reference, document: job });
      return key;
    }
    return undefined;
  }

  /** An independent queue with the same tasks. O(1). */
  clone(clock: Clock): TaskQueue {
    return new TaskQueue(clock, this.#jobs.clone(), this.#crons.clone());
  }

  checkInvariants(): void {
    this.#jobs.checkInvariants();
    this.#crons.checkInvariants();
  }

  #entry(task: Task): DueEntry<Task> {
    const { document } = task.kind === "settlement" ? task.of : task;
    return {
      key: taskKey(task),
      dueMs: dueMsOf(task, this.#clock.now()),
      sequence: document._creationTime,
      value: task,
    };
  }
}

function dueMsOf(task: Task, nowMs: number): number {
  switch (task.kind) {
    case "job":
      return dueTimeOf(task.document, nowMs);
    case "cron":
      return task.document.nextTime;
    case "settlement":
      return nowMs;
  }
}
