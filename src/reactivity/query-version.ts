/**
 * What a live query answered last: immutable, frozen, and structurally shared with the answer
 * before. What did not change is the same object again: a result, a document in it, a log.
 */
import { cloneValue } from "../values/clone";
import { valuesEqual } from "../values/compare";
import type { Value } from "../values/value";
import type { LogLine, QueryFailure, QueryResult } from "./ports";
import type { FinishedRun } from "./query-runs";
import { shareFrozen } from "./share";

export interface QueryVersion {
  /** Deeply frozen; the very object of the version before when it is equal. */
  readonly result: QueryResult;
  /** The very array of the version before when it is equal. */
  readonly logLines: readonly LogLine[];
  /** From where a paginated query goes on when it runs again. */
  readonly journal: string | undefined;
  readonly readIdentity: boolean;
  readonly observedTime: boolean;
  readonly ranAtMs: number;
  /** The newest value so far, also across failures: what the next one is shared with. */
  readonly basis: Value | undefined;
}

/** What a new version follows: another version, or only a value to share structure with. */
export interface Predecessor extends Partial<QueryVersion> {
  readonly basis: Value | undefined;
  readonly journal: string | undefined;
}

/**
 * The version that `run` makes of `previous`. Consumes the run's value unless others share it.
 * Cost: O(value), see `shareFrozen`.
 */
export function nextVersion(previous: Predecessor, run: FinishedRun): QueryVersion {
  const { outcome, logLines, journal, readIdentity, observedTime } = run;
  const value = outcome.ok ? shareFrozen(previous.basis, ownValue(run, outcome.value)) : undefined;
  return {
    result: nextResult(previous.result, outcome, value),
    logLines: nextLog(previous.logLines, logLines),
    // A run that failed may not have come to its page: the next one goes on from the same place.
    journal: journal ?? (outcome.ok ? undefined : previous.journal),
    readIdentity,
    observedTime,
    ranAtMs: run.ranAtMs,
    basis: value ?? previous.basis,
  };
}

/** Whether two answers are the same to a listener: equal values, or failures that read the same. */
export function isSameResult(a: QueryResult, b: QueryResult): boolean {
  if (a === b) return true;
  if (a.ok && b.ok) return isSameValue(a.value, b.value);
  return !a.ok && !b.ok && isSameFailure(a.failure, b.failure);
}

export function isSameLog(a: readonly LogLine[], b: readonly LogLine[]): boolean {
  return a === b || (a.length === b.length && a.every((line, i) => line === b[i]));
}

function ownValue(run: FinishedRun, value: Value): Value {
  return run.isShared ? cloneValue(value) : value;
}

function nextResult(
  previous: QueryResult | undefined,
  next: QueryResult,
  value: Value | undefined,
): QueryResult {
  const result = next.ok ? { ok: true as const, value: value as Value } : next;
  return previous !== undefined && isSameResult(previous, result)
    ? previous
    : Object.freeze(result);
}

function nextLog(
  previous: readonly LogLine[] | undefined,
  next: readonly LogLine[],
): readonly LogLine[] {
  return previous !== undefined && isSameLog(previous, next) ? previous : next;
}

/** Identity tells already for values that share structure, but for `NaN` and the two zeros. */
function isSameValue(a: Value, b: Value): boolean {
  return Object.is(a, b) || valuesEqual(a, b);
}

function isSameFailure(a: QueryFailure, b: QueryFailure): boolean {
  return a === b || (a.text === b.text && valuesEqual(a.data, b.data));
}
