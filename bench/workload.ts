/**
 * A workload: how to set a driver up, and how to run one round of it. One file in `workloads/` each.
 * The harness runs each pair of workload and driver in a process of its own (`worker.ts`).
 */

import type { Driver } from "./driver";

export interface Workload {
  readonly id: string;
  readonly title: string;
  /** What one number counts. */
  readonly unit: "µs" | "ms" | "bytes";
  /** What `size` counts, or `fixed` where there is nothing to choose. */
  readonly scale: "documents" | "subscriptions" | "fixed";
  /** `size` in a normal run. */
  readonly sizes: readonly number[];
  /** `size` with `--quick`. */
  readonly quickSizes: readonly number[];
  /** Measured rounds in a normal run, when fewer than usual do. */
  readonly rounds?: number;
  /** Loads a store and checks its answers. Throws {@link Unfit} when the library cannot do this. */
  prepare(driver: Driver, setting: Setting): Promise<Prepared>;
}

/** The library lacks what the workload measures: a dash in the report, not a failure. */
export class Unfit extends Error {
  override readonly name = "Unfit";
}

export interface Setting {
  readonly size: number;
  /** How long a round that repeats an operation goes on. */
  readonly budgetMs: number;
}

export interface Prepared {
  /** Checksum of what the driver answered to a fixed script; the same from every driver. */
  readonly answer: string;
  /** One round: what one operation cost, in the workload's unit. */
  round(): Promise<number>;
  close(): Promise<void>;
}
