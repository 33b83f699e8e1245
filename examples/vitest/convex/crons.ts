import { cronJobs } from "convex/server";
import { internal } from "./_generated/api";

const crons = cronJobs();

crons.daily("remind", { hourUTC: 9, minuteUTC: 0 }, internal.invoices.remind, {});
crons.monthly(
  "close the books",
  { day: 1, hourUTC: 0, minuteUTC: 5 },
  internal.statements.close,
  {},
);

export default crons;
