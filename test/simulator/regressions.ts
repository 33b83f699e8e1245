/** Seeds of worlds that have failed once, each with what was wrong. They are run for ever. */

export interface Regression {
  readonly seed: string;
  readonly was: string;
}

export const regressions: readonly Regression[] = [
  {
    seed: "x103",
    was: "a fork of a backend on a clock with a `fork` of its own shared the original's clock",
  },
];
