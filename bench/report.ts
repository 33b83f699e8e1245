/** What a person reads: a table per workload while the run goes on, one table of all at the end. */

import type { Measurement } from "./contest";
import { drivers } from "./drivers/all";
import { far, type Verdict, verdicts } from "./goals";
import type { Workload } from "./workload";

const floorName = "floor";

export function contestTable(workload: Workload, measurements: readonly Measurement[]): string {
  const size = measurements[0]?.size ?? 0;
  const scale = workload.scale === "fixed" ? [] : [`${count(size)} ${workload.scale}`];
  const floor = measurements.find(({ driver }) => driver === floorName)?.median;
  const rows = measurements.map((each) => row(each, floor));
  return [
    "",
    `${workload.id}  ${workload.title} (${[workload.unit, ...scale].join("; ")})`,
    ...columns([["", "median", "best", "worst", "x floor"], ...rows]),
    ...verdicts(measurements).map(verdictLine),
  ].join("\n");
}

function row({ driver, median, costs, absence }: Measurement, floor: number | undefined): string[] {
  if (median === undefined) {
    return [driver, "-", "", "", absence?.reason.split("\n")[0] ?? ""];
  }
  const ratio = floor === undefined ? "" : significant(median / floor);
  return [
    driver,
    significant(median),
    ...[costs[0], costs.at(-1)].map((c) => significant(c)),
    ratio,
  ];
}

function verdictLine({ text, excess }: Verdict): string {
  if (excess <= 1) return `  ok    ${text}`;
  return excess > far ? `  FAR   ${text}` : `  miss  ${text}`;
}

/** Every workload a row, every driver a column: medians, and how often the floor's cost Invex is. */
export function summaryTable(measurements: readonly Measurement[]): string {
  const names = Object.keys(drivers).filter((name) =>
    measurements.some(({ driver }) => driver === name),
  );
  const rows = grouped(measurements).map((group) => {
    const cost = new Map(group.map(({ driver, median }) => [driver, median]));
    const { workload, size, unit } = group[0] as Measurement;
    const label = size === 1 ? `${workload} (${unit})` : `${workload} ${count(size)} (${unit})`;
    return [label, ...names.map((name) => significant(cost.get(name)))];
  });
  return ["", ...columns([["median", ...names], ...rows])].join("\n");
}

function grouped(measurements: readonly Measurement[]): Measurement[][] {
  const groups = new Map<string, Measurement[]>();
  for (const each of measurements) {
    const group = groups.get(keyOf(each));
    if (group === undefined) groups.set(keyOf(each), [each]);
    else group.push(each);
  }
  return [...groups.values()];
}

function keyOf({ workload, size }: Measurement): string {
  return `${workload} ${size}`;
}

/** Failures and wrong answers: what makes a run end with an error. */
export function problems(measurements: readonly Measurement[]): string[] {
  return measurements.flatMap(({ workload, size, driver, absence }) =>
    absence === undefined || absence.kind === "unfit"
      ? []
      : [`${workload} ${count(size)} ${driver} ${absence.kind}: ${absence.reason}`],
  );
}

export function count(value: number): string {
  return value.toLocaleString("en-US");
}

export function significant(value: number | undefined): string {
  if (value === undefined) return "-";
  if (value >= 1_000) return count(Math.round(value));
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}

function columns(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const cells of rows) {
    for (const [i, cell] of cells.entries()) widths[i] = Math.max(widths[i] ?? 0, cell.length);
  }
  return rows.map((cells) =>
    cells
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
      .join("  ")
      .trimEnd(),
  );
}
