// Random scripts of concurrent transactions against a naive serial model: law 1, 3, 4 and 5 at once.

import { describe, expect, it } from "vitest";
import { randomScript } from "../model/script";
import { Choices, forEachSeed, seeds } from "../model/seeds";
import { checkRun } from "./script-check";
import { runScript } from "./script-run";

/** Scripts in all, in batches so that a failure is seen early and progress can be watched. */
const BATCHES = 10;
const SCRIPTS_A_BATCH = 120;

describe("concurrent transactions", () => {
  for (let batch = 0; batch < BATCHES; batch++) {
    it(`[SER1][SER2][SER3][SER4] are equivalent to the same ones in commit order (${batch})`, async () => {
      await forEachSeed(seeds(`serial-${batch}`, SCRIPTS_A_BATCH), async (choices, seed) => {
        const script = randomScript(choices);
        await checkRun(await runScript(script, choices, seed));
      });
    });
  }

  it("[SER5] really interleave: conflicts, failures, nested calls and missed reads all happen", async () => {
    const seen = { retries: 0, failures: 0, deliveries: 0, commits: 0 };
    for (const seed of seeds("coverage", 60)) {
      const choices = new Choices(seed);
      const run = await runScript(randomScript(choices), choices, seed);
      seen.retries += run.executions.filter(({ length }) => length > 1).length;
      seen.failures += run.outcomes.filter((outcome) => outcome === "failed").length;
      seen.commits += run.commits.length;
      for (const { deliveries } of run.subscriptions) seen.deliveries += deliveries.length;
    }
    expect(seen.retries).toBeGreaterThan(20);
    expect(seen.failures).toBeGreaterThan(10);
    expect(seen.commits).toBeGreaterThan(100);
    expect(seen.deliveries).toBeGreaterThan(60);
  });
});
