/**
 * What Invex is to reach, in ratios to the floor and to peers measured in the same run. A goal that
 * names a driver which took no part says nothing.
 */

import type { Measurement } from "./contest";

interface Goal {
  readonly workload: string;
  /** Only at this size; otherwise at every one. */
  readonly size?: number;
  /** At most so many times the floor's cost. */
  readonly floor?: number;
  /** At least so many times cheaper than these drivers. */
  readonly peers?: Readonly<Record<string, number>>;
  /** At most so much, in the workload's unit. */
  readonly atMost?: number;
}

export interface Verdict {
  readonly text: string;
  /** 1 or less when met; 2 when it cost twice what it may. */
  readonly excess: number;
}

const transactional = ["convex-test", "tinybase", "rxdb", "tanstack", "dexie", "better-sqlite3"];
const everyPeer = [...transactional, "loki"];

function each(names: readonly string[], factor: number): Record<string, number> {
  return Object.fromEntries(names.map((name) => [name, factor]));
}

const goals: readonly Goal[] = [
  {
    workload: "W1",
    floor: 3,
    peers: { ...each(["tinybase", "rxdb", "tanstack"], 1), "convex-test": 4 },
  },
  { workload: "W2", floor: 12, peers: { "convex-test": 15 } },
  { workload: "W2b", floor: 3 },
  { workload: "W3", floor: 4, peers: { tinybase: 15, rxdb: 15 } },
  { workload: "W3", size: 10_000, peers: { "convex-test": 1_000 } },
  { workload: "W4", floor: 5, peers: { "convex-test": 4, "better-sqlite3": 1 } },
  { workload: "W5", floor: 5, peers: each(everyPeer, 1) },
  { workload: "W5", size: 10_000, peers: { rxdb: 100 } },
  { workload: "W6", atMost: 5, peers: each(transactional, 1) },
  { workload: "W7", floor: 1.3, peers: each(["convex-test", "tinybase", "rxdb"], 1) },
  { workload: "W8", floor: 1.5, peers: { "convex-test": 3, tinybase: 3 } },
  { workload: "W9", floor: 5, peers: each(transactional, 15) },
  { workload: "W10", floor: 4, peers: each(transactional, 1) },
  { workload: "W11", peers: { "convex-test": 10 } },
  { workload: "W12", atMost: 50 },
];

/** How far off a goal must be to be called far: noise and small data explain less than this. */
export const far = 3;

/** What the goals say about one workload at one size. */
export function verdicts(measurements: readonly Measurement[]): Verdict[] {
  const cost = new Map(measurements.map(({ driver, median }) => [driver, median]));
  const mine = cost.get("invex");
  const first = measurements[0];
  if (mine === undefined || first === undefined) return [];
  return goals
    .filter(
      ({ workload, size }) => workload === first.workload && (size ?? first.size) === first.size,
    )
    .flatMap((goal) => judge(goal, mine, cost, first.unit));
}

function judge(
  goal: Goal,
  mine: number,
  cost: ReadonlyMap<string, number | undefined>,
  unit: string,
): Verdict[] {
  const found: Verdict[] = [];
  if (goal.atMost !== undefined) {
    const text = `${round(mine)} ${unit}, may cost ${goal.atMost} ${unit}`;
    found.push({ text, excess: mine / goal.atMost });
  }
  const floor = cost.get("floor");
  if (goal.floor !== undefined && floor !== undefined) {
    const text = `${round(mine / floor)} times the floor, may be ${goal.floor}`;
    found.push({ text, excess: mine / floor / goal.floor });
  }
  for (const [peer, factor] of Object.entries(goal.peers ?? {})) {
    const theirs = cost.get(peer);
    if (theirs === undefined) continue;
    const text = `${round(theirs / mine)} times as fast as ${peer}, should be ${factor}`;
    found.push({ text, excess: (factor * mine) / theirs });
  }
  return found;
}

function round(value: number): string {
  return value >= 100 ? String(Math.round(value)) : value.toPrecision(2);
}
