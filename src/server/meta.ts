/**
 * `ctx.meta`: what a function may ask about itself, its transaction and its request.
 * Types only (engine.md 7.3).
 */

import type { FunctionType } from "./function-reference";
import type { FunctionVisibility } from "./registered-function";

/** Use of one limited resource. */
export type TransactionMetric = {
  /** By the whole transaction so far, nested calls included. */
  used: number;
  /** Up to the ceiling now in force; negative once it is passed. */
  remaining: number;
};

/** Use of everything a transaction is limited in. */
export type TransactionMetrics = {
  bytesRead: TransactionMetric;
  bytesWritten: TransactionMetric;
  /** Disjoint index ranges read. */
  databaseQueries: TransactionMetric;
  documentsRead: TransactionMetric;
  documentsWritten: TransactionMetric;
  functionsScheduled: TransactionMetric;
  scheduledFunctionArgsBytes: TransactionMetric;
  filesWritten: TransactionMetric;
  fileWriteBytes: TransactionMetric;
  filesRead: TransactionMetric;
  fileReadBytes: TransactionMetric;
};

/**
 * Budgets for one nested call. Each is what the call may use, never more than the caller has left;
 * left out means the caller's own ceiling. Non-negative integers.
 */
export interface TransactionLimits {
  bytesRead?: number;
  bytesWritten?: number;
  databaseQueries?: number;
  documentsRead?: number;
  documentsWritten?: number;
  functionsScheduled?: number;
  scheduledFunctionArgsBytes?: number;
  filesWritten?: number;
  fileWriteBytes?: number;
  filesRead?: number;
  fileReadBytes?: number;
}

/** The running function. */
export type FunctionMetadata = {
  /** `"dir/module:export"`, or just the module for a default export. */
  name: string;
  /** `""` in the app itself. */
  componentPath: string;
  type: FunctionType;
  visibility: FunctionVisibility;
};

/** The deployment, or what stands in for one. */
export type DeploymentMetadata = {
  name: string;
  region: string | null;
  class: "s16" | "s256" | "d1024" | "d2048";
};

/** The request that led here; nested calls inherit it. */
export type RequestMetadata = {
  ip: string | null;
  userAgent: string | null;
  requestId: string;
  /** The job that is running, if one is. */
  scheduledFunctionId: string | null;
  authToken: string | null;
};

/** `ctx.meta` in queries. */
export interface QueryMeta {
  getFunctionMetadata(): Promise<FunctionMetadata>;
  getTransactionMetrics(): Promise<TransactionMetrics>;
  getDeploymentMetadata(): Promise<DeploymentMetadata>;
  /**
   * The transaction's snapshot, in nanoseconds: at least every visible commit timestamp, below
   * every later one. The same in nested calls.
   */
  getSnapshotTs(): bigint;
}

/** `ctx.meta` in mutations. */
export interface MutationMeta extends QueryMeta {
  getRequestMetadata(): Promise<RequestMetadata>;
}

/** `ctx.meta` in actions. */
export interface ActionMeta {
  getFunctionMetadata(): Promise<FunctionMetadata>;
  getDeploymentMetadata(): Promise<DeploymentMetadata>;
  getRequestMetadata(): Promise<RequestMetadata>;
}
