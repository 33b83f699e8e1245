/**
 * What clients say on a sync connection, parsed (functions.md 9.2). Nothing a client sends gets past
 * here unless it has one of these shapes; what names a function or holds its arguments is looked at
 * by those who run functions.
 */
import * as z from "zod/mini";
import { userError } from "../shared/errors";
import type { JSONValue } from "../values/value";

const uint32 = z.uint32();

/** Values are JSON already: they come out of `JSON.parse`. */
const json = z.custom<JSONValue>(() => true);

const call = {
  udfPath: z.string(),
  args: z.array(json),
  componentPath: z.nullish(z.string()),
};

const connect = z.object({
  type: z.literal("Connect"),
  sessionId: z.guid(),
  connectionCount: uint32,
  lastCloseReason: z.nullish(z.string()),
  maxObservedTimestamp: z.nullish(z.string()),
  clientTs: z.nullish(z.number()),
});

const add = z.object({
  type: z.literal("Add"),
  queryId: uint32,
  ...call,
  journal: z.nullish(z.string()),
});

const remove = z.object({ type: z.literal("Remove"), queryId: uint32 });

const modifyQuerySet = z.object({
  type: z.literal("ModifyQuerySet"),
  baseVersion: uint32,
  newVersion: uint32,
  modifications: z.array(z.discriminatedUnion("type", [add, remove])),
});

const request = { requestId: uint32, ...call };

const authenticate = { type: z.literal("Authenticate"), baseVersion: uint32 };
const identity = z.nullish(z.record(z.string(), json));

/** By `type`. */
const shapes = {
  Connect: connect,
  ModifyQuerySet: modifyQuerySet,
  Mutation: z.object({ type: z.literal("Mutation"), ...request }),
  Action: z.object({ type: z.literal("Action"), ...request }),
  Authenticate: z.discriminatedUnion("tokenType", [
    z.object({ ...authenticate, tokenType: z.literal("User"), value: z.string() }),
    z.object({
      ...authenticate,
      tokenType: z.literal("Admin"),
      value: z.string(),
      impersonating: identity,
      actingAs: identity,
    }),
    z.object({ ...authenticate, tokenType: z.literal("None") }),
  ]),
  Event: z.object({ type: z.literal("Event"), eventType: z.string(), event: z.unknown() }),
} as const;

type Shapes = typeof shapes;

export type ClientMessage = { [Type in keyof Shapes]: z.infer<Shapes[Type]> }[keyof Shapes];
export type ConnectMessage = z.infer<Shapes["Connect"]>;
export type ModifyQuerySetMessage = z.infer<Shapes["ModifyQuerySet"]>;
export type AuthenticateMessage = z.infer<Shapes["Authenticate"]>;
export type MutationMessage = z.infer<Shapes["Mutation"]>;
export type ActionMessage = z.infer<Shapes["Action"]>;
export type AddQuery = z.infer<typeof add>;

/** What a message that calls a function has in common with the others that do. */
export type WireCall = Pick<AddQuery, "udfPath" | "args" | "componentPath">;

/**
 * Reads one message.
 * @throws InvexError `RequestInvalid`, saying what is wrong where. Cost: O(text).
 */
export function parseClientMessage(text: string): ClientMessage {
  const message = parseJson(text);
  const type = typeof message === "object" && message !== null ? typeOf(message) : undefined;
  if (typeof type !== "string" || !Object.hasOwn(shapes, type)) {
    throw invalid(`unknown message type ${printed(type)}`);
  }
  const parsed = z.safeParse(shapes[type as keyof Shapes], message);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = issue?.path.join(".") ?? "";
  const expected = issue?.code === "invalid_type" ? `expected ${issue.expected}` : "invalid value";
  throw invalid(`${type}${where === "" ? "" : `.${where}`}: ${expected}`);
}

function parseJson(text: unknown): unknown {
  if (typeof text !== "string") throw invalid("a message is text");
  try {
    return JSON.parse(text);
  } catch {
    throw invalid("a message is JSON");
  }
}

function typeOf(message: object): unknown {
  return Object.hasOwn(message, "type") ? (message as { type: unknown }).type : undefined;
}

const LONGEST_PRINTED = 40;

function printed(type: unknown): string {
  return typeof type === "string"
    ? JSON.stringify(type.slice(0, LONGEST_PRINTED))
    : String(typeof type);
}

function invalid(problem: string) {
  return userError("RequestInvalid", `Received an invalid sync message: ${problem}`);
}
