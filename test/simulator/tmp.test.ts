import "../fixtures/late-parts";
import { it } from "vitest";
import { randomPlan } from "./plan";
import { runPlan } from "./simulation";
it("runs", async () => {
  const total: Record<string, number> = {};
  let t = performance.now();
  const N = Number(process.env["N"] ?? 50);
  for (let i = 0; i < N; i++) {
    try {
      const { history, stats } = await runPlan(randomPlan(`x${i}`));
      for (const [k, v] of Object.entries(stats)) total[k] = (total[k] ?? 0) + v;
      if (history.violations.length) { console.log(i, history.violations.slice(0, 3)); }
      if (i === Number(process.env["SHOW"])) console.log(history.events.join("\n"));
    } catch (e) { console.log(i, e); }
  }
  console.log((performance.now() - t) / N, "ms each", total);
});
