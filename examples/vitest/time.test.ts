// Time stands still until a test moves it; what falls due on the way runs at its own time.

import { describe, expect, test } from "vitest";
import { api } from "./convex/_generated/api";
import { ada, adas, seeded } from "./seeded";

describe("an invoice", () => {
  test("is overdue after its deadline, not before", async () => {
    const backend = seeded.fork();
    const status = async () => (await backend.run((ctx) => ctx.db.get(adas)))?.status;
    await backend.advance({ days: 13, hours: 23 });
    expect(await status()).toBe("open");
    const report = await backend.advance({ hours: 1 });
    expect(await status()).toBe("overdue");
    expect(report.runs.map((run) => run.function)).toEqual([
      "invoices.js:becomeOverdue",
      "invoices.js:becomeOverdue",
    ]);
  });

  test("that is paid in time never is", async () => {
    const backend = seeded.fork();
    const user = backend.withIdentity(ada);
    await user.mutation(api.invoices.pay, { id: adas });
    const jobs = await backend.run((ctx) => ctx.db.system.query("_scheduled_functions").collect());
    expect(jobs.map(({ state }) => state.kind).sort()).toEqual(["canceled", "pending"]);
    await backend.advance({ days: 14 });
    expect(await user.query(api.invoices.list)).toMatchObject([{ status: "paid" }]);
  });
});

describe("a month of crons", () => {
  test("closes the books once and reminds every morning", async () => {
    const backend = seeded.fork();
    const user = backend.withIdentity(ada);
    await user.mutation(api.invoices.pay, { id: adas });
    const report = await backend.advance({ days: 31 });
    const crons = report.runs.filter(({ trigger }) => trigger.kind === "cron");
    const times = (name: string) => crons.filter((run) => run.function === name);
    expect(times("invoices.js:remind")).toHaveLength(31);
    const closings = times("statements.js:close").map((run) => new Date(run.startedAt));
    expect(closings).toEqual([new Date("2025-02-01T00:05:00Z")]);
    expect(await backend.query(api.statements.list)).toEqual([
      { month: "2025-02", paidCents: 12_000, dueCents: 5_000 },
    ]);
  });

  test("reminds of what is overdue only", async () => {
    const backend = seeded.fork();
    const user = backend.withIdentity(ada);
    // Due at noon of January 29; from the 30th to February 15 there are 17 mornings.
    await backend.advance({ days: 31 });
    const [invoice] = await user.query(api.invoices.list);
    expect(invoice?.reminders).toBe(17);
  });
});
