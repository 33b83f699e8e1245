// Whole systems simulated: backends that crash, a disk that fails, a network that cuts, clients, jobs
// and crons, everything interleaved by one seed; judged by a naive model.
// More of them: INVEX_SIMULATOR=10 npx vitest run test/simulator --testTimeout=0; for a night:
// npm run simulator -- --histories 1000000

import "./warm-up";
import { describe, expect, it } from "vitest";
import { type Plan, type PlannedEvent, randomPlan } from "./plan";
import { regressions } from "./regressions";
import { shrink } from "./shrink";
import { runPlan } from "./simulation";
import { noTotals, problemsOf, simulateWorld, type Totals } from "./simulator";

const MANY = Number(process.env["INVEX_SIMULATOR"] ?? 1);
const CRASH: PlannedEvent = { do: "crash", downMs: 0, keeps: true };
/** In batches, so that a failure is seen early and progress can be watched. */
const BATCHES = 10;
const WORLDS_A_BATCH = 200 * MANY;

describe("a simulated world", () => {
  const totals: Totals = noTotals();

  for (const { was, plan } of regressions) {
    it(`[WLD1] is well that was not: ${was}`, async () => {
      expect(await problemsOf(plan)).toEqual([]);
    });
  }

  for (let batch = 0; batch < BATCHES; batch++) {
    it(`[WLD1][WLD2][WLD3][WLD4][WLD5][WLD6] is explained by one order of commits (${batch})`, async () => {
      for (let i = 0; i < WORLDS_A_BATCH; i++) await simulateWorld(`world-${batch}/${i}`, totals);
    });
  }

  it("[WLD7] has crashes, faults, cuts and messages enough", () => {
    const { histories, commits, crashes, faults, cuts, messages } = totals;
    expect(histories).toBe(BATCHES * WORLDS_A_BATCH);
    expect(commits).toBeGreaterThan(3 * histories);
    expect(crashes).toBeGreaterThan(histories / 4);
    expect(faults).toBeGreaterThan(histories / 20);
    expect(cuts).toBeGreaterThan(histories / 2);
    expect(messages).toBeGreaterThan(3 * histories);
  });

  it("[WLD9] that fails is told as the smallest plan that does", async () => {
    const isCulprit = ({ do: what }: PlannedEvent) => what === "crash";
    const failing = { ...randomPlan("shrink"), events: [CRASH, ...randomPlan("shrink").events] };
    const fails = async ({ events }: Plan) => events.some(isCulprit);
    const { plan } = await shrink(failing, { fails, mostRuns: 500 });
    expect(plan.events).toEqual([CRASH]);
  });

  it("[WLD8] happens again, to the letter, from the same seed", async () => {
    for (const seed of ["again-1", "again-2", "again-3"]) {
      const [first, second] = [randomPlan(seed), randomPlan(seed)];
      expect(second).toEqual(first);
      const { history } = await runPlan(first, true);
      expect((await runPlan(second, true)).history.events).toEqual(history.events);
    }
  });
});
