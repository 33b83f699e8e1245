/**
 * The ONLY writer of cron documents. Each function is one step of a cron's life, to be taken inside
 * a transaction. None of them runs anything or looks at a clock.
 */
import type { Random } from "../shared/random";
import { valuesEqual } from "../values/compare";
import type { Value, ValueObject } from "../values/value";
import type { CronDefinition } from "./cron-definition";
import { type CronDocument, type CronRun, cronsTable } from "./cron-job";
import type { CronSchedule, NextRun } from "./cron-schedule";
import type { RunOutcome, SystemTransaction } from "./ports";

/** Where a cron's document is. */
export interface CronReference {
  readonly component: string;
  readonly id: string;
}

/** Runs remembered per cron, and the length their texts are cut to: Convex's numbers. */
const REMEMBERED_RUNS = 5;
const MAX_TEXT_LENGTH = 1000;

export interface Deployment {
  readonly component: string;
  readonly definitions: readonly CronDefinition[];
  readonly nowMs: number;
  /** Where delays are drawn from; absent: no splay. */
  readonly splay: Random | undefined;
}

/**
 * Makes the stored crons of a component those that are defined: new ones are added, removed ones
 * deleted; one with the same schedule keeps its next time, one with another starts anew.
 *
 * @param stored every cron document of the component
 */
export function deploy(
  tx: SystemTransaction,
  deployment: Deployment,
  stored: readonly CronDocument[],
): void {
  const { component, definitions } = deployment;
  const table = cronsTable(component);
  const unclaimed = new Map(stored.map((cron) => [cron.identifier, cron]));
  for (const definition of definitions) {
    const cron = unclaimed.get(definition.identifier);
    unclaimed.delete(definition.identifier);
    if (cron === undefined)
      tx.insert(table, { ...added(definition), ...fresh(definition, deployment) });
    else update(tx, cron, definition, deployment);
  }
  for (const cron of unclaimed.values()) tx.remove(table, cron._id);
}

/**
 * Takes a due cron up.
 * @returns `false` when it was removed or rescheduled, or runs already
 */
export function beginRun(tx: SystemTransaction, cron: CronReference, dueMs: number): boolean {
  const document = find(tx, cron);
  if (document === undefined || document.isRunning || document.nextTime !== dueMs) return false;
  tx.patch(cronsTable(cron.component), cron.id, { isRunning: true });
  return true;
}

/** A run that has ended. */
export interface EndedRun {
  readonly dueMs: number;
  readonly nowMs: number;
  readonly outcome: RunOutcome;
  /** The cron's own. */
  readonly schedule: CronSchedule;
}

/**
 * Writes how a run ended and when the next one is, whether or not `beginRun` was committed.
 * @returns the next run; `undefined` when the cron was removed or rescheduled meanwhile
 */
export function endRun(
  tx: SystemTransaction,
  cron: CronReference,
  run: EndedRun,
): NextRun | undefined {
  const document = find(tx, cron);
  if (document === undefined || document.nextTime !== run.dueMs) return undefined;
  const next = run.schedule.next(run.dueMs, run.nowMs, document.splayMs);
  tx.patch(cronsTable(cron.component), cron.id, {
    nextTime: next.atMs,
    isRunning: false,
    runs: [...document.runs, remembered(run)].slice(-REMEMBERED_RUNS) as unknown as Value,
  });
  return next;
}

/** Writes that the process died while this cron's action ran: that occurrence is lost. */
export function endInterrupted(
  tx: SystemTransaction,
  run: CronReference & {
    readonly cron: CronDocument;
    readonly schedule: CronSchedule;
    readonly nowMs: number;
  },
): void {
  const error = "Transient error while executing action";
  const outcome: RunOutcome = { kind: "failed", error, logs: [] };
  endRun(tx, run, { ...run, dueMs: run.cron.nextTime, outcome });
}

function update(
  tx: SystemTransaction,
  cron: CronDocument,
  definition: CronDefinition,
  deployment: Deployment,
): void {
  const spec = added(definition);
  const isRescheduled = !valuesEqual(cron.schedule, definition.schedule);
  const isSame =
    !isRescheduled &&
    cron.name === definition.name &&
    valuesEqual(cron.args as Value, definition.args as Value);
  if (isSame) return;
  const timing = isRescheduled ? fresh(definition, deployment) : {};
  tx.patch(cronsTable(deployment.component), cron._id, { ...spec, ...timing });
}

function added({ identifier, name, args, schedule }: CronDefinition): ValueObject {
  return { identifier, name, args: [...args], schedule };
}

/** The state of a cron that has never run. */
function fresh({ compiled }: CronDefinition, { nowMs, splay }: Deployment): ValueObject {
  const splayMs = Math.floor((splay?.next() ?? 0) * (compiled.maxSplayMs + 1));
  return { splayMs, nextTime: compiled.first(nowMs, splayMs), isRunning: false, runs: [] };
}

function remembered({ dueMs, nowMs, outcome }: EndedRun): CronRun {
  const times = { dueTime: dueMs, endTime: nowMs };
  return outcome.kind === "failed" ? { ...times, error: shortened(outcome.error) } : times;
}

function shortened(text: string): string {
  return text.length <= MAX_TEXT_LENGTH ? text : text.slice(0, MAX_TEXT_LENGTH);
}

function find(tx: SystemTransaction, cron: CronReference): CronDocument | undefined {
  return tx.get(cronsTable(cron.component), cron.id) as unknown as CronDocument | undefined;
}
