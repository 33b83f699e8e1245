/** `ctx.meta`: what a function may ask about itself, its transaction and its request (engine.md 7.3). */
import { DEFAULT_TRANSACTION_LIMITS, type TransactionMetric as MetricName } from "../db/limits";
import type { FunctionMetadata, RequestMetadata, TransactionMetrics } from "../server/meta";
import type { CallExecution } from "./call-execution";
import type { FunctionTarget } from "./function-target";
import type { RegisteredFunction } from "./registered-function";
import type { TransactionFrame } from "./transaction-frame";

/** What stands in for Convex's name, region and class of a deployment. */
const DEPLOYMENT = { name: "invex", region: null, class: "s16" } as const;

/** What every function may ask. */
class FunctionMeta {
  readonly #target: FunctionTarget;
  readonly #fn: RegisteredFunction;

  constructor(target: FunctionTarget, fn: RegisteredFunction) {
    this.#target = target;
    this.#fn = fn;
  }

  async getFunctionMetadata(): Promise<FunctionMetadata> {
    const { kind, visibility } = this.#fn;
    return {
      name: this.#target.path.display,
      componentPath: this.#target.component,
      type: kind === "httpAction" ? "action" : kind,
      visibility: visibility ?? "internal",
    };
  }

  async getDeploymentMetadata() {
    return { ...DEPLOYMENT };
  }
}

/** `ctx.meta` of a query. */
export class QueryMeta extends FunctionMeta {
  readonly #frame: TransactionFrame;

  constructor(frame: TransactionFrame, fn: RegisteredFunction) {
    super(frame.target, fn);
    this.#frame = frame;
  }

  async getTransactionMetrics(): Promise<TransactionMetrics> {
    return metricsOf(this.#frame);
  }

  getSnapshotTs(): bigint {
    this.#frame.execution.onObservedTime();
    return this.#frame.tx.snapshot.ts.ns;
  }
}

/** `ctx.meta` of a mutation. */
export class MutationMeta extends QueryMeta {
  readonly #execution: CallExecution;

  constructor(frame: TransactionFrame, fn: RegisteredFunction) {
    super(frame, fn);
    this.#execution = frame.execution;
  }

  async getRequestMetadata(): Promise<RequestMetadata> {
    return requestOf(this.#execution);
  }
}

/** `ctx.meta` of an action. */
export class ActionMeta extends FunctionMeta {
  readonly #execution: CallExecution;

  constructor(execution: CallExecution, target: FunctionTarget, fn: RegisteredFunction) {
    super(target, fn);
    this.#execution = execution;
  }

  async getRequestMetadata(): Promise<RequestMetadata> {
    return requestOf(this.#execution);
  }
}

function requestOf({ requestId, origin }: CallExecution): RequestMetadata {
  const { ip, userAgent, authToken, job } = origin;
  return { ip, userAgent, requestId, scheduledFunctionId: job?.id ?? null, authToken };
}

/** Where no limit is set, what remains of Convex's. */
function roomOf(name: MetricName, ceiling: number): number {
  return ceiling === Number.MAX_SAFE_INTEGER ? DEFAULT_TRANSACTION_LIMITS[name] : ceiling;
}

function metricsOf({ tx }: TransactionFrame): TransactionMetrics {
  const { used, ceilings } = tx.usage;
  const counts = { ...used, databaseQueries: tx.reads.intervalCount() + tx.insertCount };
  const metric = (name: MetricName) => ({
    used: counts[name],
    remaining: roomOf(name, ceilings[name]) - counts[name],
  });
  const unlimited = () => ({ used: 0, remaining: Number.MAX_SAFE_INTEGER });
  return {
    bytesRead: metric("bytesRead"),
    bytesWritten: metric("bytesWritten"),
    databaseQueries: metric("databaseQueries"),
    documentsRead: metric("documentsRead"),
    documentsWritten: metric("documentsWritten"),
    functionsScheduled: metric("functionsScheduled"),
    scheduledFunctionArgsBytes: metric("scheduledFunctionArgsBytes"),
    filesWritten: unlimited(),
    fileWriteBytes: unlimited(),
    filesRead: unlimited(),
    fileReadBytes: unlimited(),
  };
}
