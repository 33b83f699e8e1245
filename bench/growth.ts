/**
 * Growth: what an operation costs as data and subscriptions grow, and a plot of it. Nothing but what
 * must read everything may cost more than a logarithm of the data more.
 */

import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { contest, type Measurement } from "./contest";
import type { Options } from "./options";
import { contestTable, count, significant } from "./report";
import { linePlot, type Panel } from "./svg-plot";
import type { Workload } from "./workload";

const documentSizes = [1_000, 10_000, 100_000];
const MILLION = 1_000_000;
const subscriptionSizes = [1, 10, 100, 1_000, 10_000, 100_000];

/** Measured at a million documents too: minutes to load. */
const core = ["W2", "W3", "W4"];

/** Those whose cost should hardly depend on size; W7, W8 and W10 are per document or read it all. */
const grown = ["W1", "W2", "W3", "W4", "W5", "W6", "W7", "W9", "W10"];

export async function runGrowth(options: Options): Promise<Measurement[]> {
  const all: Measurement[] = [];
  const panels: Panel[] = [];
  const chosen = options.workloads.filter(({ id }) => grown.includes(id));
  for (const workload of chosen) {
    const measurements: Measurement[] = [];
    for (const size of growthSizes(workload, options)) {
      const found = await contest(workload, size, options);
      console.log(contestTable(workload, found));
      measurements.push(...found);
    }
    console.log(growthLines(measurements, options.drivers).join("\n"));
    panels.push(panelOf(workload, measurements, options.drivers));
    all.push(...measurements);
  }
  const path = resolve("growth.svg");
  writeFileSync(path, linePlot("Cost of one operation as data grows", panels));
  console.log(`\nsaved ${path}`);
  return all;
}

function growthSizes(workload: Workload, options: Options): readonly number[] {
  const asked = options.sizesOf(workload);
  if (asked !== workload.sizes && asked !== workload.quickSizes) return asked;
  const sizes = workload.scale === "documents" ? documentSizes : subscriptionSizes;
  if (options.quick) return sizes.slice(0, 2);
  return core.includes(workload.id) ? [...sizes, MILLION] : sizes;
}

function growthLines(measurements: readonly Measurement[], drivers: readonly string[]): string[] {
  return drivers.flatMap((driver) => {
    const points = pointsOf(measurements, driver);
    const first = points[0];
    const last = points.at(-1);
    if (first === undefined || last === undefined || first === last) return [];
    const times = significant(last.cost / first.cost);
    return [`  growth  ${driver}: ${times} times from ${count(first.size)} to ${count(last.size)}`];
  });
}

function pointsOf(measurements: readonly Measurement[], driver: string) {
  return measurements.flatMap((each) =>
    each.driver === driver && each.median !== undefined
      ? [{ size: each.size, cost: each.median }]
      : [],
  );
}

function panelOf(
  { id, title, unit, scale }: Workload,
  measurements: readonly Measurement[],
  drivers: readonly string[],
): Panel {
  return {
    title: `${id} ${title}`,
    xLabel: scale,
    yLabel: unit,
    series: drivers.map((driver) => ({
      name: driver,
      points: pointsOf(measurements, driver).map(({ size, cost }) => ({ x: size, y: cost })),
    })),
  };
}
