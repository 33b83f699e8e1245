/** What the server says on a sync connection (functions.md 9.3), and how it is written down. */
import type { QueryResult } from "../reactivity/ports";
import { convexToJson } from "../values/convex-json";
import type { JSONValue } from "../values/value";

/** Where a connection stands: each transition leads from one of these exactly to the next. */
export interface StateVersion {
  readonly querySet: number;
  readonly identity: number;
  /** As `encodeTimestamp` writes it. */
  readonly ts: string;
}

export interface FailureText {
  readonly errorMessage: string;
  readonly errorData?: JSONValue;
}

/** What became of one query. */
export type StateModification =
  | {
      readonly type: "QueryUpdated";
      readonly queryId: number;
      readonly result: Extract<QueryResult, { ok: true }>;
      readonly logLines: readonly string[];
      readonly journal: string | null;
    }
  | ({
      readonly type: "QueryFailed";
      readonly queryId: number;
      readonly logLines: readonly string[];
      readonly journal: string | null;
    } & FailureText)
  | { readonly type: "QueryRemoved"; readonly queryId: number };

export type RequestResponse =
  | {
      readonly type: "MutationResponse";
      readonly requestId: number;
      readonly success: true;
      readonly result: JSONValue;
      readonly ts: string;
      readonly logLines: readonly string[];
    }
  | {
      readonly type: "ActionResponse";
      readonly requestId: number;
      readonly success: true;
      readonly result: JSONValue;
      readonly logLines: readonly string[];
    }
  | {
      readonly type: "MutationResponse" | "ActionResponse";
      readonly requestId: number;
      readonly success: false;
      readonly result: string;
      readonly ts?: null;
      readonly logLines: readonly string[];
      readonly errorData?: JSONValue;
    };

/** Ends the connection. */
export type FinalMessage =
  | { readonly type: "FatalError"; readonly error: string }
  | {
      readonly type: "AuthError";
      readonly error: string;
      readonly baseVersion: number;
      readonly authUpdateAttempted: boolean;
    };

export interface Transition {
  readonly startVersion: StateVersion;
  readonly endVersion: StateVersion;
  readonly modifications: readonly StateModification[];
  /** How far the client's clock is ahead of the server's, in milliseconds. */
  readonly clientClockSkew: number | undefined;
}

export const PING = JSON.stringify({ type: "Ping" });

/** A transition as JSON. A result that several connections get is encoded once. */
export function printTransition(transition: Transition): string {
  const { startVersion, endVersion, modifications, clientClockSkew } = transition;
  const head = JSON.stringify({ type: "Transition", startVersion, endVersion, clientClockSkew });
  return `${head.slice(0, -1)},"modifications":[${modifications.map(printModification).join()}]}`;
}

function printModification(modification: StateModification): string {
  if (modification.type !== "QueryUpdated") return JSON.stringify(modification);
  const { result, ...rest } = modification;
  return `${JSON.stringify(rest).slice(0, -1)},"value":${printValue(result)}}`;
}

/** Texts of results, for as long as the results themselves live. */
const printedValues = new WeakMap<QueryResult, string>();

/** The value of a result as JSON. */
export function printValue(result: Extract<QueryResult, { ok: true }>): string {
  let text = printedValues.get(result);
  if (text === undefined) {
    text = JSON.stringify(convexToJson(result.value));
    printedValues.set(result, text);
  }
  return text;
}
