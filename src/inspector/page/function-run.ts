/**
 * One call of a function by hand, over a session of its own: so it acts as whom it is told to, and
 * the lines of log that come are its own.
 */
import type { ConvexClient } from "convex/browser";
import type { Value } from "../../values/value";
import { nameIn } from "./component-name";
import type { FunctionChoice } from "./function-info";
import type { Identity, PageBackend } from "./page-backend";
import { messageOf } from "./use-query";

export interface RunOutcome {
  readonly result:
    | { readonly ok: true; readonly value: Value }
    | { readonly ok: false; readonly error: string; readonly data: Value | undefined };
  readonly durationMs: number;
  readonly logLines: readonly string[];
  /** How many results a subscription has had, this one among them. */
  readonly updates: number;
}

export interface RunRequest {
  readonly choice: FunctionChoice;
  readonly args: Value;
  readonly identity: Identity | undefined;
  /** Goes on with a query's results until it is stopped. */
  readonly isSubscription: boolean;
}

/** @returns stops it */
export function runFunction(
  backend: PageBackend,
  request: RunRequest,
  onOutcome: (outcome: RunOutcome) => void,
): () => void {
  const logLines: string[] = [];
  let updates = 0;
  let client: ConvexClient | undefined = backend.connect(request.identity, (text) => {
    logLines.push(...logLinesOf(text));
  });
  let beganMs = performance.now();
  const stop = () => {
    void client?.close();
    client = undefined;
  };
  const tell = (result: RunOutcome["result"]) => {
    if (client === undefined) return;
    const durationMs = performance.now() - beganMs;
    beganMs = performance.now();
    updates += 1;
    onOutcome({ result, durationMs, logLines: logLines.splice(0), updates });
    if (!request.isSubscription) stop();
  };
  begin(
    client,
    request,
    (value) => tell({ ok: true, value }),
    (error) => tell(failure(error)),
  );
  return stop;
}

function begin(
  client: ConvexClient,
  { choice: { component, fn }, args }: RunRequest,
  onValue: (value: Value) => void,
  onError: (error: unknown) => void,
): void {
  const reference = nameIn(component, fn.path) as never;
  if (fn.kind === "query") client.onUpdate(reference, args as never, onValue as never, onError);
  else if (fn.kind === "mutation") {
    client.mutation(reference, args as never).then(onValue as never, onError);
  } else client.action(reference, args as never).then(onValue as never, onError);
}

function failure(error: unknown): RunOutcome["result"] {
  const data = (error as { data?: Value }).data;
  return { ok: false, error: messageOf(error), data };
}

/** Of a response, or of the queries in a transition. */
function logLinesOf(text: string): string[] {
  if (!text.includes('"logLines"')) return [];
  const message = JSON.parse(text) as {
    logLines?: string[];
    modifications?: { logLines?: string[] }[];
  };
  const parts = message.modifications ?? [message];
  return parts.flatMap(({ logLines }) => logLines ?? []);
}
