import "./warm-up";
import { randomPlan } from "./plan";
import { runPlan } from "./simulation";
import { judge } from "./oracle";
const N = Number(process.env["N"] ?? 50);
const from = Number(process.env["FROM"] ?? 0);
console.error = () => {};
let t = performance.now(), u = process.cpuUsage().user;
const total: Record<string, number> = {};
for (let i = from; i < from + N; i++) {
  const plan = randomPlan(`x${i}`);
  const late = setTimeout(() => { console.log("HANG", i, JSON.stringify(plan.events).slice(0, 3000)); process.exit(1); }, 5000);
  try {
    const { history, stats } = await runPlan(plan, Boolean(process.env['SHOW'] ?? process.env['TWICE'])); const problems = await judge(history); if (problems.length) console.log(i, problems.slice(0, 4).join("\n"));
    for (const [k, v] of Object.entries(stats)) total[k] = (total[k] ?? 0) + v;

    if (process.env["SHOW"]) console.log(history.events.join("\n"));
    if (process.env["TWICE"]) {
      const again = (await runPlan(plan, Boolean(process.env['SHOW'] ?? process.env['TWICE']))).history.events;
      const at = history.events.findIndex((e, i) => again[i] !== e);
      if (at >= 0) console.log("DIFF", i, "\n", history.events.slice(Math.max(0, at - 3), at + 2).join("\n"), "\n  VS", again.slice(at, at + 2).join("\n"));
    }
  } catch (e) { console.log(i, e); }
  clearTimeout(late);
  if (i % 200 === 199) { const n = performance.now(), c = process.cpuUsage().user; console.log((n - t) / 200, "ms", (c - u) / 200000, "cpu ms"); t = n; u = c; }
}
console.log(total);
