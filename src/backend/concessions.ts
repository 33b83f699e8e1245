/**
 * What a face of the engine for one purpose may ask of it beyond the options of `createBackend`,
 * which grants none of it. The only one that does is `testing/`: `testing/concessions.ts` says what
 * for, one by one.
 */

import type { FunctionFailure } from "../functions/function-failure";
import type { LogLevel } from "../functions/sandbox/execution";
import type { QueryRequest } from "../reactivity/ports";
import type { SchedulerHost } from "../scheduler/ports";
import type { SchedulerOptions } from "../scheduler/scheduler";

type Env = Readonly<Record<string, string>>;

export interface Concessions {
  /** Gets every console call of a function as it was made, in place of `onLog`. */
  readonly print: (level: LogLevel, args: readonly unknown[]) => void;
  /** What `process.env` is inside functions, given the backend's own variables. */
  readonly env: (own: Env) => Env;
  /** The name of a job as functions read it. */
  readonly jobName: (name: string) => string;
  /**
   * Hears of every run of a query that may be shared or repeated, when it has ended.
   * @param readIdentity whether it was a run for the caller of the request only
   */
  readonly onQueryRun: (request: QueryRequest, readIdentity: boolean) => void;
  /** What a function catches when one it called has failed. */
  readonly errorToCaller: (failure: FunctionFailure) => unknown;
  /** Who runs jobs, given the engine's own host. */
  readonly host: (own: SchedulerHost) => SchedulerHost;
  readonly scheduler: Pick<SchedulerOptions, "pace" | "cronsRun" | "parallelism">;
}
