/**
 * One workload at one size: every driver is loaded and its answers compared, then all run their
 * rounds in turn, so that whatever else the machine does strikes them alike.
 */

import { Contestant } from "./contestant";
import type { Workload } from "./workload";

export interface Measurement {
  readonly workload: string;
  readonly size: number;
  readonly driver: string;
  readonly unit: Workload["unit"];
  /** Costs of the measured rounds, ascending. Empty when the driver took no part. */
  readonly costs: readonly number[];
  readonly median: number | undefined;
  /** Why there is no median: it cannot do this, it failed, or its answers were wrong. */
  readonly absence?: { readonly kind: "unfit" | "failed" | "wrong"; readonly reason: string };
}

export interface ContestOptions {
  readonly drivers: readonly string[];
  readonly rounds: number;
  readonly budgetMs: number;
}

const warmUps = 2;

export async function contest(
  workload: Workload,
  size: number,
  options: ContestOptions,
): Promise<Measurement[]> {
  const absences = new Map<string, NonNullable<Measurement["absence"]>>();
  const running = await startAll(workload, size, options, absences);
  const rounds = Math.min(options.rounds, workload.rounds ?? options.rounds);
  const warmUpRounds = workload.rounds === undefined ? warmUps : Math.min(1, workload.rounds - 1);
  for (let round = -warmUpRounds; round < rounds; round++) {
    for (const contestant of rotated(running, round + warmUps)) {
      if (absences.has(contestant.driver)) continue;
      const reply = await contestant.round(round < 0);
      if (reply.kind === "failed") {
        absences.set(contestant.driver, { kind: "failed", reason: reply.error });
      }
    }
  }
  for (const contestant of running) await contestant.close();
  return options.drivers.map((driver) => {
    const costs = running.find((each) => each.driver === driver)?.costs ?? [];
    const absence = absences.get(driver);
    return measurementOf(workload, size, driver, absence === undefined ? costs : [], absence);
  });
}

async function startAll(
  workload: Workload,
  size: number,
  { drivers, budgetMs }: ContestOptions,
  absences: Map<string, NonNullable<Measurement["absence"]>>,
): Promise<Contestant[]> {
  const running: Contestant[] = [];
  let expected: { answer: string; by: string } | undefined;
  for (const driver of drivers) {
    const contestant = new Contestant({ workload: workload.id, driver, size, budgetMs });
    const reply = await contestant.ready();
    if (reply.kind === "ready") expected ??= { answer: reply.answer, by: driver };
    if (reply.kind === "ready" && reply.answer === expected?.answer) {
      running.push(contestant);
      continue;
    }
    contestant.dismiss();
    if (reply.kind === "unfit") absences.set(driver, reply);
    else if (reply.kind === "failed") absences.set(driver, { kind: "failed", reason: reply.error });
    else absences.set(driver, { kind: "wrong", reason: `other answers than ${expected?.by}` });
  }
  return running;
}

function rotated<T>(items: readonly T[], by: number): T[] {
  const start = items.length === 0 ? 0 : by % items.length;
  return [...items.slice(start), ...items.slice(0, start)];
}

function measurementOf(
  { id, unit }: Workload,
  size: number,
  driver: string,
  costs: readonly number[],
  absence: Measurement["absence"],
): Measurement {
  const sorted = [...costs].sort((left, right) => left - right);
  const median = sorted[Math.floor(sorted.length / 2)];
  const measurement = { workload: id, size, driver, unit, costs: sorted, median };
  return absence === undefined ? measurement : { ...measurement, absence };
}
