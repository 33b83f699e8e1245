/**
 * A session between two messages, as JSON: for hosts that let go of a backend while its clients stay
 * connected (a Durable Object that hibernates), and make another one when something happens.
 *
 * Two parts, because they change at different times: what the client has asked for, and what it was
 * told last. Results themselves are not kept but their hashes, so that a resumed session sends what
 * is news and nothing else.
 */
import * as z from "zod/mini";
import type { UserIdentity } from "../server/authentication";
import type { JSONValue } from "../values/value";
import type { SyncCaller } from "./sync-caller";

/** A change that older code would misread gets the next number. */
const FORMAT = 1;

const count = z.uint32();
const json = z.custom<JSONValue>(() => true);
const identity = z.custom<UserIdentity>((value) => typeof value === "object" && value !== null);

const caller = z.strictObject({
  identity: z.nullable(identity),
  isAdmin: z.boolean(),
  token: z.nullable(z.string()),
  /** `null`: never. */
  expiresAtMs: z.nullable(z.number()),
});

const clientShape = z.strictObject({
  format: z.literal(FORMAT),
  sessionId: z.string(),
  clockSkew: z.optional(z.number()),
  caller,
  queries: z.array(
    z.strictObject({
      queryId: count,
      udfPath: z.string(),
      args: z.array(json),
      componentPath: z.optional(z.string()),
    }),
  ),
});

const toldShape = z.strictObject({
  querySet: count,
  identity: count,
  ts: z.string(),
  /** How many transitions there were. */
  transitions: count,
  /** One entry a query, in their order: the result's hash, and where its page ended. */
  results: z.array(z.tuple([z.nullable(z.string()), z.nullable(z.string())])),
});

/** What the client has said: changes with its messages only. */
export type ClientState = z.infer<typeof clientShape>;
/** What the client was told: changes with every transition. */
export type ToldState = z.infer<typeof toldShape>;

/** What `connection.state()` gives and `connect(send, { resume })` takes. */
export interface SessionState {
  readonly client: ClientState;
  readonly told: ToldState;
}

/** @returns `undefined` for anything that this version did not write */
export function readSessionState(client: unknown, told: unknown): SessionState | undefined {
  const [parsedClient, parsedTold] = [
    z.safeParse(clientShape, client),
    z.safeParse(toldShape, told),
  ];
  if (!parsedClient.success || !parsedTold.success) return undefined;
  const isWhole = parsedClient.data.queries.length === parsedTold.data.results.length;
  return isWhole ? { client: parsedClient.data, told: parsedTold.data } : undefined;
}

export function clientStateOf(
  session: { readonly sessionId: string; readonly clockSkew: number | undefined },
  { expiresAtMs, ...who }: SyncCaller,
  queries: ClientState["queries"],
): ClientState {
  const { sessionId, clockSkew } = session;
  const isForEver = expiresAtMs === Number.POSITIVE_INFINITY;
  return {
    format: FORMAT,
    sessionId,
    ...(clockSkew === undefined ? {} : { clockSkew }),
    caller: { ...who, expiresAtMs: isForEver ? null : expiresAtMs },
    queries,
  };
}

export function callerOf({ caller: { expiresAtMs, ...who } }: ClientState): SyncCaller {
  return { ...who, expiresAtMs: expiresAtMs ?? Number.POSITIVE_INFINITY };
}
