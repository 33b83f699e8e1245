/**
 * What happens before a scheduler runs anything: actions that were interrupted are written as
 * failed, crons are made those that the code defines, and what waits is read. Loaded only where
 * there is any of it.
 */
import type { Clock } from "../shared/clock";
import type { Random } from "../shared/random";
import { type CronDefinition, readCrons } from "./cron-definition";
import { type CronDocument, cronsTable } from "./cron-job";
import { CronScheduleCache } from "./cron-schedule";
import { deploy, endInterrupted } from "./cron-store";
import type { FinishedJob } from "./finished-jobs";
import { jobsTable } from "./job";
import { failInterrupted } from "./job-store";
import type { SchedulerHost, SystemTransaction } from "./ports";
import { parseCron, parseJob } from "./stored-documents";
import type { Task } from "./task";

/** The default export of a component's `crons` module. */
export interface ComponentCrons {
  readonly component: string;
  readonly exported: unknown;
}

export interface StartupOptions {
  readonly host: SchedulerHost;
  readonly clock: Clock;
  readonly random: Random;
  readonly components: readonly string[];
  readonly crons: readonly ComponentCrons[];
  readonly splay?: boolean;
}

/** Where a scheduler finds the compiled schedules of its crons. */
export function createSchedules(): CronScheduleCache {
  return new CronScheduleCache();
}

/** What a scheduler starts from. */
export interface Loaded {
  readonly tasks: Task[];
  readonly finished: FinishedJob[];
}

/** Repairs and loads everything, in one transaction. O(documents of the scheduler's tables). */
export async function recover(
  options: StartupOptions,
  schedules: CronScheduleCache,
): Promise<Loaded> {
  const definitions = options.crons.length === 0 ? [] : await readAll(options);
  return options.host.transact((tx) => {
    const loaded: Loaded = { tasks: [], finished: [] };
    for (const component of options.components) {
      recoverJobs(tx, component, loaded, options.clock.now());
      const own = definitions.filter((definition) => definition.component === component);
      recoverCrons(tx, component, own, options, schedules);
      loadCrons(tx, component, loaded);
    }
    return loaded;
  });
}

/** Makes the crons of each component those that its code defines. */
export async function deployCrons(
  options: StartupOptions,
  schedules: CronScheduleCache,
): Promise<void> {
  const definitions = await readAll(options);
  await options.host.transact((tx) => {
    const defining = options.crons.map(({ component }) => component);
    for (const component of new Set([...options.components, ...defining])) {
      const own = definitions.filter((definition) => definition.component === component);
      recoverCrons(tx, component, own, options, schedules);
    }
  });
}

/** Repairs what was running when the documents were copied. */
export async function recoverForked(
  options: StartupOptions,
  schedules: CronScheduleCache,
  running: readonly Task[],
): Promise<void> {
  if (running.length === 0) return;
  const nowMs = options.clock.now();
  await options.host.transact((tx) => {
    for (const task of running) {
      const { kind, reference } = task.kind === "settlement" ? task.of : task;
      if (kind === "job") failInterrupted(tx, reference, nowMs);
      else endIfRunning(tx, reference.component, reference.id, schedules, nowMs);
    }
  });
}

async function readAll({ host, crons }: StartupOptions): Promise<CronDefinition[]> {
  const definitions: CronDefinition[] = [];
  for (const { component, exported } of crons) {
    definitions.push(...(await readCrons(component, exported, host)));
  }
  return definitions;
}

function recoverJobs(
  tx: SystemTransaction,
  component: string,
  { tasks, finished }: Loaded,
  nowMs: number,
): void {
  for (const stored of tx.list(jobsTable(component))) {
    const document = parseJob(stored);
    const reference = { component, id: document._id };
    if (document.state.kind === "pending") tasks.push({ kind: "job", reference, document });
    else finished.push({ reference, completedTime: document.completedTime ?? nowMs });
    if (document.state.kind === "inProgress") failInterrupted(tx, reference, nowMs);
  }
}

function recoverCrons(
  tx: SystemTransaction,
  component: string,
  definitions: readonly CronDefinition[],
  { clock, random, splay }: StartupOptions,
  schedules: CronScheduleCache,
): void {
  const nowMs = clock.now();
  for (const { _id } of storedCrons(tx, component)) {
    endIfRunning(tx, component, _id, schedules, nowMs);
  }
  const deployment = { component, definitions, nowMs, splay: splay === true ? random : undefined };
  deploy(tx, deployment, storedCrons(tx, component));
}

function endIfRunning(
  tx: SystemTransaction,
  component: string,
  id: string,
  schedules: CronScheduleCache,
  nowMs: number,
): void {
  const stored = tx.get(cronsTable(component), id);
  if (stored === undefined) return;
  const cron = parseCron(stored);
  if (!cron.isRunning) return;
  endInterrupted(tx, { component, id, cron, schedule: schedules.of(cron.schedule), nowMs });
}

function loadCrons(tx: SystemTransaction, component: string, { tasks }: Loaded): void {
  for (const document of storedCrons(tx, component)) {
    tasks.push({ kind: "cron", reference: { component, id: document._id }, document });
  }
}

function storedCrons(tx: SystemTransaction, component: string): CronDocument[] {
  return Array.from(tx.list(cronsTable(component)), parseCron);
}
