/**
 * What the inspector's page and its server say to each other. One request opens a stream of lines of
 * JSON from server to page; others carry what the page says. Over both run any number of channels,
 * each of which is a connection of Convex's sync protocol.
 */
import * as z from "zod/mini";
import type { JSONValue } from "../values/value";

/** Channels that one page may have open: one for what it shows, one for each function it runs. */
export const MAX_CHANNELS = 16;

const channel = z.uint32();

const openRequest = z.strictObject({ type: z.literal("open") });

const sayRequest = z.strictObject({
  type: z.literal("say"),
  page: z.string().check(z.maxLength(64)),
  frames: z
    .array(
      z.discriminatedUnion("type", [
        z.strictObject({ type: z.literal("open"), channel }),
        z.strictObject({ type: z.literal("message"), channel, text: z.string() }),
        z.strictObject({ type: z.literal("close"), channel }),
      ]),
    )
    .check(z.maxLength(4096)),
});

const requestShape = z.discriminatedUnion("type", [openRequest, sayRequest]);

/** One request of the page. A `say` without frames asks whether the stream is still there. */
export type PageRequest = z.infer<typeof requestShape>;
export type PageFrame = z.infer<typeof sayRequest>["frames"][number];

/** @returns what is wrong, where, or the request */
export function parsePageRequest(json: unknown): PageRequest | { readonly problem: string } {
  const parsed = z.safeParse(requestShape, json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = issue?.path.join(".") || "type";
  return { problem: `not a request of the inspector's page: ${where}: invalid value` };
}

/** One line of the stream. */
export type ServerLine =
  /** The first one: by what name the page goes from here on. */
  | { readonly type: "hello"; readonly page: string; readonly url: string }
  | { readonly type: "message"; readonly channel: number; readonly text: string }
  | {
      readonly type: "close";
      readonly channel: number;
      readonly code?: number | undefined;
      readonly reason?: string | undefined;
    }
  /** What happened since the last such line. `dropped`: so many before these were too many. */
  | { readonly type: "logs"; readonly entries: readonly LogLine[]; readonly dropped: number }
  | { readonly type: "commits"; readonly entries: readonly CommitLine[]; readonly dropped: number };

/** A line of a function's log, as `LogEntry` has it. */
export interface LogLine {
  readonly function: string;
  readonly componentPath: string;
  readonly kind: string;
  readonly requestId: string;
  readonly level: string;
  readonly timeMs: number;
  readonly text: string;
}

export interface CommitLine {
  /** Nanoseconds since the epoch, in decimal. */
  readonly ts: string;
  /** `messages:send`; absent for what no function has written. */
  readonly source?: string | undefined;
  /** All documents that changed. */
  readonly size: number;
  /** The first of them. */
  readonly changes: readonly CommitChange[];
}

export interface CommitChange {
  readonly component: string;
  readonly table: string;
  readonly id: string;
  /** Documents as Convex's JSON; `null` where there is none. */
  readonly before: JSONValue;
  readonly after: JSONValue;
  /** Too large to be shown: `before` and `after` are `null`. */
  readonly isLarge?: true;
}
