/** Crons, live, and what can be done about scheduled functions. Those are rows of a table like others. */
import { transact } from "../../backend/own-transaction";
import { systemTransaction } from "../../backend/system-transaction";
import { type CronDocument, cronsTable } from "../../scheduler/cron-job";
import { cancel } from "../../scheduler/job-store";
import { v } from "../../values/v";
import { systemAction, systemQuery } from "./system-function";

/** Every cron of every component, the next to run first. */
export const crons = systemQuery("crons", {}, (tx, _args, { inside }) => {
  const reader = systemTransaction(tx);
  const found = inside.directory.components.flatMap((component) =>
    Array.from(reader.list(cronsTable(component)), (cron) => ({
      component,
      ...(cron as unknown as CronDocument),
    })),
  );
  return found.sort((a, b) => a.nextTime - b.nextTime);
});

/** @returns what became of it: `canceled`, or `over` when there was nothing to cancel any more */
export const cancelJob = systemAction(
  "cancelJob",
  { component: v.string(), id: v.string() },
  ({ component, id }, { inside }) =>
    transact(inside, (tx) =>
      cancel(systemTransaction(tx), { component, id }, inside.database.clock.now()),
    ),
);
