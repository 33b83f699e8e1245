/**
 * Documents of the scheduler's tables as they are found stored, which may be on a disk: parsed, not
 * believed. What the engine has written itself in this process needs no parsing.
 */
import * as z from "zod/mini";
import type { $ZodError } from "zod/v4/core";
import { userError } from "../shared/errors";
import type { CronDocument } from "./cron-job";
import type { JobDocument } from "./job";
import { CRONS, JOBS, type StoredDocument } from "./ports";

const states = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("pending") }),
  z.object({ kind: z.literal("inProgress") }),
  z.object({ kind: z.literal("success") }),
  z.object({ kind: z.literal("failed"), error: z.string() }),
  z.object({ kind: z.literal("canceled") }),
]);

const jobs = z.object({
  name: z.string(),
  args: z.array(z.any()),
  scheduledTime: z.number(),
  completedTime: z.optional(z.number()),
  state: states,
  component: z.optional(z.string()),
});

const crons = z.object({
  identifier: z.string(),
  name: z.string(),
  args: z.array(z.any()),
  schedule: z.record(z.string(), z.any()),
  splayMs: z.number(),
  nextTime: z.number(),
  isRunning: z.boolean(),
  runs: z.array(
    z.object({
      dueTime: z.number(),
      endTime: z.number(),
      error: z.optional(z.string()),
    }),
  ),
});

/** @throws InvexError `PersistenceFailed` naming the document when it is no job */
export function parseJob(document: StoredDocument): JobDocument {
  const { error } = jobs.safeParse(document);
  if (error !== undefined) throw damaged("Scheduled function", JOBS, document, error);
  return document as unknown as JobDocument;
}

/** @throws InvexError `PersistenceFailed` naming the document when it is no cron */
export function parseCron(document: StoredDocument): CronDocument {
  const { error } = crons.safeParse(document);
  if (error !== undefined) throw damaged("Cron job", CRONS, document, error);
  return document as unknown as CronDocument;
}

function damaged(
  what: string,
  table: string,
  { _id: id }: StoredDocument,
  { issues: [issue] }: $ZodError,
): Error {
  const where = issue?.path.join(".") || "document";
  const text = `${what} ${id} is damaged: ${where}: ${issue?.message}`;
  return userError("PersistenceFailed", text, { table, id });
}
