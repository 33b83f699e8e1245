/**
 * What a `crons.ts` asks for: its default export read, and checked as Convex does at deploy
 * (functions.md 5.5). Nothing is stored here: `cron-store.ts` compares with what is.
 */
import * as z from "zod/mini";
import { userError } from "../shared/errors";
import { jsonToConvex } from "../values/convex-json";
import type { JSONValue, Value } from "../values/value";
import { type CronSchedule, parseCronSchedule } from "./cron-schedule";
import type { SchedulerHost } from "./ports";

export interface CronDefinition {
  readonly component: string;
  readonly identifier: string;
  /** The function, with its extension. */
  readonly name: string;
  readonly args: readonly Value[];
  /** As exported, to be stored and compared. */
  readonly schedule: Value;
  readonly compiled: CronSchedule;
}

const exportedCrons = z.record(
  z.string(),
  z.object({
    name: z.string(),
    args: z.array(z.any()),
    schedule: z.record(z.string(), z.any()),
  }),
);

/**
 * The crons that a component's `crons.ts` exports by default.
 *
 * @param exported anything; recognised by `isCrons` and read through `export()`
 * @throws InvexError `SchedulerInvalid` with Convex's text: no crons, a schedule out of range, a
 * function that does not exist or cannot be scheduled. Rejects with what `host.resolve` rejects with.
 */
export async function readCrons(
  component: string,
  exported: unknown,
  host: SchedulerHost,
): Promise<CronDefinition[]> {
  const definitions: CronDefinition[] = [];
  for (const [identifier, { name, args, schedule }] of Object.entries(parseExport(exported))) {
    definitions.push({
      component,
      identifier,
      name: await schedulableName(component, identifier, name, host),
      args: args.map((value) => jsonToConvex(value as JSONValue)),
      schedule: schedule as Value,
      compiled: parseCronSchedule(schedule),
    });
  }
  return definitions;
}

function parseExport(exported: unknown) {
  const crons = exported as { isCrons?: unknown; export?: unknown } | null | undefined;
  if (crons?.isCrons !== true || typeof crons.export !== "function") {
    throw userError(
      "SchedulerInvalid",
      "The default export of crons must be the Crons object that cronJobs() made",
    );
  }
  const json: unknown = JSON.parse(crons.export());
  const parsed = exportedCrons.safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw userError(
    "SchedulerInvalid",
    `The exported crons are not understood: ${issue?.path.join(".")}: ${issue?.message}`,
  );
}

async function schedulableName(
  component: string,
  identifier: string,
  name: string,
  host: SchedulerHost,
): Promise<string> {
  const { kind, target } = await host.resolve(component, name);
  switch (kind) {
    case "mutation":
    case "action":
      return target.name;
    case "missing":
      throw refused(identifier, `schedules a function that does not exist: ${target.name}`);
    case "query":
      throw refused(
        identifier,
        `schedules a query function, only actions and mutations can be scheduled: ${target.name}`,
      );
    case "httpAction":
      throw refused(
        identifier,
        `schedules an HTTP action, only actions and mutations can be scheduled: ${target.name}`,
      );
  }
}

function refused(identifier: string, why: string): Error {
  return userError("SchedulerInvalid", `The cron job '${identifier}' ${why}`, { identifier });
}
