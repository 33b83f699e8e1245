/**
 * The scheduler: runs scheduled functions and crons when they are due, in order of due time, some at
 * once, each as often as its kind is promised (functions.md 5.3, 5.5). It keeps nothing of its own
 * that could be lost: the queue follows the committed documents.
 *
 * What one run does is `run-task.ts`'s; what is written, `job-store.ts`'s and `cron-store.ts`'s. At
 * most one wake is asked of the clock at a time, none for mere clean-up, and nothing is started
 * inside a commit.
 */

import { must } from "../shared/assert";
import type { Clock } from "../shared/clock";
import { type Duration, durationMs } from "../shared/duration";
import { type InvexError, isInvexError, userError } from "../shared/errors";
import { Late } from "../shared/late";
import type { ManualClock } from "../shared/manual-clock";
import type { Random } from "../shared/random";
import type { AdvanceReport } from "./advance-report";
import { backoffMs } from "./backoff";
import { cronsTable } from "./cron-job";
import type { CronScheduleCache } from "./cron-schedule";
import { DEFAULT_RUNAWAY_LIMITS, Drive, type RunawayLimits } from "./drive";
import type { DueEntry } from "./due-queue";
import { FinishedJobs } from "./finished-jobs";
import { jobsTable } from "./job";
import { skippedNotice, taskNotice } from "./notice";
import type { SchedulerHost, SchedulerNotice, SystemChange } from "./ports";
import { runTask, type TaskRuntime } from "./run-task";
import type { ComponentCrons } from "./startup";
import { type Task, taskKey } from "./task";
import { TaskQueue } from "./task-queue";

export interface SchedulerOptions {
  readonly host: SchedulerHost;
  readonly clock: Clock;
  readonly random: Random;
  /** Paths of all component instances. */
  readonly components: readonly string[];
  /** The default exports of their `crons` modules. A component that is not listed has no crons. */
  readonly crons: readonly ComponentCrons[];
  /** How many functions run at once. Default 8. */
  readonly parallelism?: number;
  /**
   * When jobs start that fall due while others run: `eager`, when there is room (default); `clock`,
   * only when the clock wakes the scheduler for them, so that who moves the clock decides.
   */
  readonly pace?: "eager" | "clock";
  /** Whether crons run by themselves (default), or during `advance` and `settle` only. */
  readonly cronsRun?: "always" | "driven";
  /** Whether crons are delayed at random to spread load, as Convex does. Default false. */
  readonly splay?: boolean;
  readonly runaway?: RunawayLimits;
  /** Must not throw. */
  onNotice(notice: SchedulerNotice): void;
}

/** What a scheduler knows of the documents. */
interface Queues {
  readonly waiting: TaskQueue;
  readonly finished: FinishedJobs;
}

type Startup = typeof import("./startup");

/** Reads what is stored and what crons say: most backends have neither when they start. */
const startup = new Late(() => import("./startup"));

/** What a scheduler has to do before it runs anything. */
type Load = (startup: Startup, schedules: CronScheduleCache) => Promise<void>;

const DEFAULT_PARALLELISM = 8;

export class Scheduler {
  readonly #options: SchedulerOptions;
  readonly #runtime: TaskRuntime;
  readonly #waiting: TaskQueue;
  readonly #finished: FinishedJobs;
  /** What runs; `undefined` for the removal of finished jobs. */
  readonly #running = new Map<Promise<void>, Task | undefined>();
  readonly #attempts = new Map<string, number>();
  /** There is one as soon as there are crons. */
  #schedules: CronScheduleCache | undefined;
  /** Commits seen before the queues were loaded. */
  #early: SystemChange[] | undefined;
  #armed: { readonly atMs: number; readonly cancel: () => void } | undefined;
  #idleWaiters: (() => void)[] = [];
  #drive: Drive | undefined;
  /** Why the drive under way must end. */
  #failure: InvexError | undefined;
  #isMovingClock = false;
  #isClosed = false;

  /**
   * Resolves when what was interrupted is written as failed, crons are deployed and the queue is
   * loaded. Rejects when that cannot be, for instance because a cron is invalid; the scheduler then
   * runs nothing.
   */
  readonly ready: Promise<void>;

  /** @param load absent: the queues are as they should be */
  private constructor(options: SchedulerOptions, { waiting, finished }: Queues, load?: Load) {
    this.#options = options;
    this.#waiting = waiting;
    this.#finished = finished;
    this.#runtime = {
      host: options.host,
      clock: options.clock,
      scheduleOf: (cron) => must(this.#schedules).of(cron.schedule),
      onSkipped: (task, skipped) => options.onNotice(skippedNotice(task, skipped)),
    };
    if (load !== undefined) this.#early = [];
    this.ready = load === undefined ? this.#begin() : this.#open(load);
    // Whoever awaits it learns of the failure; nobody has to.
    this.ready.catch(() => {});
  }

  /** Starts a scheduler on the documents that `options.host` holds. */
  static start(options: SchedulerOptions): Scheduler {
    const waiting = new TaskQueue(options.clock);
    const finished = new FinishedJobs();
    if (hasNothing(options)) return new Scheduler(options, { waiting, finished });
    return new Scheduler(options, { waiting, finished }, async ({ recover }, schedules) => {
      const loaded = await recover(options, schedules);
      waiting.load(loaded.tasks);
      finished.load(loaded.finished);
    });
  }

  /**
   * A scheduler for a copy of the backend made at this moment, in O(running functions). What runs
   * now runs on here only: in the copy, mutations start over and actions count as interrupted.
   */
  fork(options: SchedulerOptions): Scheduler {
    if (this.#early !== undefined) return Scheduler.start(options);
    const tasks = [...this.#running.values()].filter((task) => task !== undefined);
    const waiting = this.#waiting.clone(options.clock);
    const finished = this.#finished.clone();
    for (const task of tasks) waiting.put(task);
    const repair: Load = ({ recoverForked }, schedules) => recoverForked(options, schedules, tasks);
    const queues = { waiting, finished };
    const fork = new Scheduler(options, queues, tasks.length === 0 ? undefined : repair);
    fork.#schedules ??= this.#schedules;
    return fork;
  }

  /** When something is due next, in milliseconds; `undefined` when nothing is, or it is closed. */
  get nextDue(): number | undefined {
    return this.#isClosed ? undefined : this.#first?.dueMs;
  }

  /** Whether a function is running now. */
  get isRunning(): boolean {
    return this.#running.size > 0;
  }

  /** Resolves when no function is running. Starts nothing. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) {
      await new Promise<void>((resolve) => this.#idleWaiters.push(resolve));
    }
  }

  /**
   * Makes the crons those of these modules from now on, as a start does: others are removed.
   * @throws InvexError when one is invalid; then nothing has changed
   */
  async deployCrons(crons: readonly ComponentCrons[]): Promise<void> {
    await this.ready;
    const { createSchedules, deployCrons } = await startup.ready();
    this.#schedules ??= createSchedules();
    await deployCrons({ ...this.#options, crons }, this.#schedules);
  }

  /**
   * To be told of every commit that changed documents of the scheduler's tables, in commit order,
   * after it is visible. Starts nothing itself: it only asks the clock to be woken.
   */
  onCommit(changes: Iterable<SystemChange>): void {
    if (this.#early !== undefined) {
      this.#early.push(...changes);
      return;
    }
    let isConcerned = false;
    for (const change of changes) {
      this.#apply(change);
      isConcerned = true;
    }
    if (isConcerned) this.#arm();
  }

  /**
   * Runs everything that is due, and what that schedules for now, until nothing is, and what runs
   * already to its end. For platforms that wake the backend themselves.
   */
  async runDue(): Promise<void> {
    await this.ready;
    await this.#untilQuiet();
  }

  /**
   * Runs what is due now, and what that schedules for now, until nothing is due: one at a time, in
   * order. The clock does not move. Works with every clock.
   *
   * @throws InvexError `SchedulerInvalid` when functions schedule each other without end, or when
   * another `settle` or `advance` of this backend is still running.
   */
  settle(): Promise<AdvanceReport> {
    return this.#driven(() => this.#untilQuiet());
  }

  /**
   * Moves a manual clock by `duration` and runs everything that falls due on the way at its own time,
   * one at a time, in order, each to its end before time moves on.
   *
   * @throws InvexError `NotSupported` without a manual clock; else as {@link settle}.
   */
  advance(duration: Duration): Promise<AdvanceReport> {
    return this.#driven(async () => {
      const clock = manual(this.#options.clock);
      const ms = durationMs(duration);
      await this.#untilQuiet();
      this.#throwFailure();
      this.#isMovingClock = true;
      await clock.advanceTo(clock.now() + ms);
      await this.#untilQuiet();
    });
  }

  /** Starts nothing more. Resolves when what runs has ended. Harmless twice. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#arm();
    await Promise.allSettled([this.ready, ...this.#running.keys()]);
  }

  /** Throws unless the queues are in order. O(n log n). */
  checkInvariants(): void {
    this.#waiting.checkInvariants();
    this.#finished.checkInvariants();
  }

  async #begin(): Promise<void> {
    this.#arm();
  }

  async #open(load: Load): Promise<void> {
    try {
      const code = await startup.ready();
      this.#schedules ??= code.createSchedules();
      await load(code, this.#schedules);
    } catch (error) {
      this.#isClosed = true;
      throw error;
    } finally {
      const early = this.#early ?? [];
      this.#early = undefined;
      this.onCommit(early);
    }
    this.#arm();
  }

  async #driven(steps: () => Promise<void>): Promise<AdvanceReport> {
    await this.ready;
    if (this.#drive !== undefined) throw alreadyDriven();
    const { clock, runaway } = this.#options;
    const drive = new Drive(clock.now(), runaway ?? DEFAULT_RUNAWAY_LIMITS);
    this.#drive = drive;
    this.#failure = undefined;
    try {
      await steps();
      this.#throwFailure();
      return drive.report(clock.now());
    } finally {
      this.#drive = undefined;
      this.#failure = undefined;
      this.#isMovingClock = false;
      this.#arm();
    }
  }

  #throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  async #untilQuiet(): Promise<void> {
    this.#fill();
    await this.idle();
  }

  /** Rejects only into `advance`, through the clock it moves. */
  async #wake(): Promise<void> {
    this.#armed = undefined;
    await this.#untilQuiet();
    if (this.#isMovingClock) this.#throwFailure();
  }

  /** Starts what is due, as far as there is room. */
  #fill(): void {
    const { clock, host } = this.#options;
    while (this.#hasRoom()) {
      const nowMs = clock.now();
      if (this.#finished.isDue(nowMs)) {
        this.#launch(this.#finished.remove(host, nowMs), undefined);
        continue;
      }
      const first = this.#first;
      if (first === undefined || first.dueMs > nowMs) break;
      this.#failure = this.#drive?.begin(first.value, nowMs);
      if (this.#failure !== undefined) break;
      this.#waiting.remove(first.key);
      this.#launch(this.#run(first), first.value);
    }
    this.#arm();
  }

  get #first(): DueEntry<Task> | undefined {
    const isAsleep = this.#options.cronsRun === "driven" && this.#drive === undefined;
    return isAsleep ? this.#waiting.firstJob : this.#waiting.first;
  }

  #hasRoom(): boolean {
    const isReady = this.#early === undefined && !this.#isClosed && this.#failure === undefined;
    return isReady && this.#running.size < this.#limit;
  }

  /** Driven, one at a time: what happens then depends on nothing but the order. */
  get #limit(): number {
    return this.#drive === undefined ? (this.#options.parallelism ?? DEFAULT_PARALLELISM) : 1;
  }

  #launch(work: Promise<void>, task: Task | undefined): void {
    const run = work.finally(() => {
      this.#running.delete(run);
      if (this.#options.pace === "clock" && this.#drive === undefined) this.#arm();
      else this.#fill();
      if (this.#running.size === 0) for (const wake of this.#idleWaiters.splice(0)) wake();
    });
    this.#running.set(run, task);
  }

  async #run({ key, dueMs, value: task }: DueEntry<Task>): Promise<void> {
    const startedAt = this.#options.clock.now();
    const ending = await runTask(task, this.#runtime).catch((cause: unknown) => {
      this.#retry(task, cause);
      return { kind: "retried", error: textOf(cause) } as const;
    });
    this.#drive?.end(task, startedAt, dueMs, ending);
    if (ending.kind === "retried") return;
    this.#attempts.delete(key);
    if (ending.kind === "unsettled") this.#retry(ending.task, ending.cause);
    if (ending.kind === "failed" && task.kind !== "settlement") {
      this.#options.onNotice(taskNotice("ERROR", task, `failed: ${ending.error.trimEnd()}`));
    }
  }

  /** Puts a task back for later. The delay is not stored: after a restart it is tried at once. */
  #retry(task: Task, cause: unknown): void {
    const { clock, random, onNotice } = this.#options;
    const key = taskKey(task);
    const attempt = this.#attempts.get(key) ?? 0;
    this.#attempts.set(key, attempt + 1);
    const delayMs = backoffMs(attempt, random);
    this.#waiting.put(task, clock.now() + delayMs);
    const subject = task.kind === "settlement" ? task.of : task;
    const what = `will be retried in ${delayMs} ms: ${textOf(cause)}`;
    onNotice(taskNotice("WARN", subject, what));
  }

  #apply(change: SystemChange): void {
    this.#finished.apply(change);
    const newJob = this.#waiting.apply(change);
    if (newJob !== undefined) this.#drive?.scheduled(newJob);
  }

  /** Asks for one wake, at the time the first entry is due. */
  #arm(): void {
    const atMs = this.#hasRoom() ? this.#first?.dueMs : undefined;
    const armed = this.#armed;
    if (armed?.atMs === atMs) return;
    // The new wake first: a platform with one alarm then sets it once.
    this.#armed =
      atMs === undefined
        ? undefined
        : { atMs, cancel: this.#options.clock.schedule(atMs, () => this.#wake()) };
    armed?.cancel();
  }
}

function hasNothing({ host, components, crons }: SchedulerOptions): boolean {
  const tables = components.flatMap((component) => [jobsTable(component), cronsTable(component)]);
  return crons.length === 0 && tables.every((table) => host.isEmpty(table));
}

function manual(clock: Clock): ManualClock {
  if ("advanceTo" in clock) return clock as ManualClock;
  throw userError(
    "NotSupported",
    "advance() moves a manual clock, but this backend runs on another. Give createBackend a clock: manualClock(), or use settle() to run what is due now.",
  );
}

function alreadyDriven(): Error {
  return userError(
    "SchedulerInvalid",
    "advance() or settle() is still running. Await it before the next; a function that runs as a job cannot wait for the backend to settle.",
  );
}

function textOf(cause: unknown): string {
  if (isInvexError(cause)) return cause.message;
  return cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
}
