/**
 * Worlds that have failed once, as small as they got, each with what was wrong. They are run for ever.
 * Plans and not seeds: what a seed stands for changes with the generator.
 */
import type { Plan } from "./plan";

export interface Regression {
  readonly was: string;
  readonly plan: Plan;
}

const still = { hasCrons: false, isLazy: false, isInstant: true, slowClients: false } as const;

export const regressions: readonly Regression[] = [
  {
    was: "a fork shared the clock of its original although that can be copied: both ran the job",
    plan: {
      ...still,
      seed: "x103",
      schedule: "x103/0",
      events: [
        {
          do: "call",
          kind: "mutation",
          program: [{ do: "schedule", runs: "mutation", afterMs: 1, program: [{ do: "throw" }] }],
        },
        { do: "callOther", which: 0, kind: "query", program: [{ do: "jobs" }] },
        { do: "fork" },
        { do: "pass", ms: 20 },
      ],
    },
  },
];
