/** What a session asks of the backend around it. Types only; `sync-server.ts` has it. */
import type { FunctionDirectory } from "../functions/function-directory";
import type { ActionRun, FunctionCall } from "../functions/runner";
import type { GroupOptions, SubscriberGroup } from "../reactivity/subscriber-group";
import type { MutationRuns } from "./mutation-runs";
import type { Session } from "./session";
import type { SyncAuth } from "./sync-caller";

export interface SessionHost {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly directory: FunctionDirectory;
  readonly mutations: MutationRuns;
  readonly runAction: (call: FunctionCall) => Promise<ActionRun>;
  readonly createGroup: (options: GroupOptions) => SubscriberGroup;
  readonly auth: SyncAuth;
  readonly createRequestId: () => string;
  /** Production error texts, and no logs for clients. */
  readonly redactErrors: boolean;
  /** The session has ended. */
  readonly onClosed: (session: Session) => void;
  /** Gets what is no client's fault. Must not throw. */
  readonly onError: (error: unknown) => void;
}
