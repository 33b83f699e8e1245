/** `invex`: a Convex backend inside your process. */
export type { IdentityAttributes } from "./auth/identity";
export { createBackend } from "./backend";
export type {
  ApiOf,
  Backend,
  BackendOptions,
  Callers,
  Commit,
  CommittedChange,
  InternalApiOf,
  ModelOf,
} from "./backend/types";
export { DEFAULT_TRANSACTION_LIMITS, type TransactionLimits } from "./db/limits";
export type { CacheReason, CacheReport } from "./explain/cache-report";
export type { Explanation, LimitUse } from "./explain/explanation";
export type { LiveQueryReport, RerunReport } from "./explain/live-query-report";
export type { Amount, QueryReport } from "./explain/query-report";
export type {
  DocumentRead,
  MissingTableRead,
  RangeBound,
  RangeRead,
  ReadReport,
  TextSearchRead,
} from "./explain/read-report";
export type { ExplainWarning } from "./explain/warnings";
export type { TouchReport } from "./explain/write-report";
export { FunctionError } from "./functions/function-error";
export type { LogEntry, LogSource } from "./functions/logs";
export type { Modules } from "./functions/module-map";
export { modulesFrom } from "./functions/modules-from";
export type { AdvanceReport, AdvanceRun } from "./scheduler/advance-report";
export type { Clock } from "./shared/clock";
export type { Duration } from "./shared/duration";
export { type ErrorCode, type ErrorKind, InvexError, isInvexError } from "./shared/errors";
export { type ManualClock, manualClock } from "./shared/manual-clock";
export type { ByteSource } from "./snapshot/byte-source";
export type {
  ExportSnapshotOptions,
  ExportTableOptions,
  ImportMode,
  ImportReport,
  ImportSnapshotOptions,
  ImportTableOptions,
  TableFormat,
} from "./snapshot/options";
export type { OnProgress, SnapshotProgress } from "./snapshot/progress";
export type {
  CloseFrame,
  Connectable,
  ConnectOptions,
  Send,
  SyncConnection,
} from "./sync/connection";
