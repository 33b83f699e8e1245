/** The command line. A wrong word ends the run with the list of right ones. */

import { parseArgs } from "node:util";
import { drivers, quickDrivers } from "./drivers/all";
import type { Workload } from "./workload";
import { workloads } from "./workloads/all";

export interface Options {
  readonly help: boolean;
  readonly quick: boolean;
  readonly growth: boolean;
  readonly workloads: readonly Workload[];
  readonly drivers: readonly string[];
  readonly rounds: number;
  readonly budgetMs: number;
  readonly sizesOf: (workload: Workload) => readonly number[];
  readonly jsonPath: string | undefined;
}

export const usage = `npm run bench -- [options]

  --quick            small data, few rounds, floors and closest peers only: does everything run?
  --only a,b         only these workloads (${workloads.map(({ id }) => id).join(" ")})
                     or drivers (${Object.keys(drivers).join(" ")})
  --docs n,m         numbers of documents instead of each workload's own
  --subs n,m         numbers of subscriptions for W5
  --rounds n         measured rounds (default 9; quick 3)
  --budget ms        length of one round (default 150; quick 30)
  --growth           costs against size, for floor and Invex unless --only names drivers; an SVG plot
  --json path        where the numbers go (default results/latest.json)`;

export function readOptions(argv: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      quick: { type: "boolean", default: false },
      growth: { type: "boolean", default: false },
      only: { type: "string" },
      docs: { type: "string" },
      subs: { type: "string" },
      rounds: { type: "string" },
      budget: { type: "string" },
      json: { type: "string" },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  const { quick, growth } = values;
  const asked = {
    documents: counts(values.docs),
    subscriptions: counts(values.subs),
    fixed: undefined,
  };
  return {
    help: values.help,
    quick,
    growth,
    ...chosen(values.only, quick, growth),
    rounds: Number(values.rounds ?? (quick ? 3 : 9)),
    budgetMs: Number(values.budget ?? (quick ? 30 : 150)),
    jsonPath: values.json,
    sizesOf: ({ scale, sizes, quickSizes }) => asked[scale] ?? (quick ? quickSizes : sizes),
  };
}

function counts(text: string | undefined): number[] | undefined {
  return text?.split(",").map((part) => {
    const count = Number(part.replaceAll("_", ""));
    if (!Number.isInteger(count) || count < 1) throw new Error(`not a count: ${part}\n\n${usage}`);
    return count;
  });
}

function chosen(only: string | undefined, quick: boolean, growth: boolean) {
  const names = only === undefined ? [] : only.split(",");
  const pickedWorkloads = workloads.filter(({ id }) =>
    names.some((name) => name.toLowerCase() === id.toLowerCase()),
  );
  const pickedDrivers = Object.keys(drivers).filter((driver) => names.includes(driver));
  if (pickedWorkloads.length + pickedDrivers.length < names.length) {
    throw new Error(`--only ${only}: one of these is unknown\n\n${usage}`);
  }
  return {
    workloads: pickedWorkloads.length > 0 ? pickedWorkloads : workloads,
    drivers: pickedDrivers.length > 0 ? pickedDrivers : defaultDrivers(quick, growth),
  };
}

function defaultDrivers(quick: boolean, growth: boolean): readonly string[] {
  if (growth) return ["floor", "invex"];
  return quick ? quickDrivers : Object.keys(drivers);
}
