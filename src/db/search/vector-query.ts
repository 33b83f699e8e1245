/** What a `ctx.vectorSearch` looks for, checked against its index (engine.md 9.2). */
import { collectVectorFilter, type VectorFilterTree } from "../../server/vector-filter-builder";
import { userError } from "../../shared/errors";
import { valuesEqual } from "../../values/compare";
import type { Value } from "../../values/value";
import type { VectorIndexPlan } from "./vector-index-plan";

const DEFAULT_LIMIT = 10;
const MAX_LIMIT = 256;
const MAX_CONDITIONS = 64;

/** What an author passes, once it is known to make sense by itself. */
export interface VectorRequest {
  readonly vector: readonly number[];
  readonly limit: number;
  /** Any of which must hold; `undefined` when there is no filter. */
  readonly conditions: readonly VectorCondition[] | undefined;
}

interface VectorCondition {
  readonly field: string;
  readonly value: Value | undefined;
}

export interface VectorQuery {
  readonly vector: readonly number[];
  readonly limit: number;
  /** Whether a document with these values of the filter fields may be found. */
  passes(filters: readonly (Value | undefined)[]): boolean;
}

/** @throws Convex's error for what can be no query of any index */
export function parseVectorRequest(query: unknown): VectorRequest {
  const { vector, limit, filter } = (query ?? {}) as Record<string, unknown>;
  if (!Array.isArray(vector) || vector.length === 0) {
    throw userError("ArgumentsInvalid", "`vector` must be a non-empty Array in vectorSearch");
  }
  if (!vector.every(Number.isFinite)) throw badArgument("vector", "finite numbers", vector);
  const conditions = filter ? conditionsOf(collectVectorFilter(filter as never)) : undefined;
  return { vector, limit: limitOf(limit), conditions };
}

/** @throws InvexError `QueryInvalid` with Convex's text for what the index cannot answer */
export function compileVectorQuery(index: VectorIndexPlan, request: VectorRequest): VectorQuery {
  const { vector, limit, conditions } = request;
  if (vector.length !== index.dimensions) {
    throw userError(
      "QueryInvalid",
      `Expected a vector with dimensions ${index.dimensions}, received ${vector.length}.`,
      { index: index.descriptor },
    );
  }
  if (conditions === undefined) return { vector, limit, passes: () => true };
  if (conditions.length > MAX_CONDITIONS) {
    throw invalid(
      index,
      `has too many conditions. Max: ${MAX_CONDITIONS} Actual: ${conditions.length}`,
    );
  }
  const placed = conditions.map(({ field, value }) => ({ position: placeOf(index, field), value }));
  const passes = (filters: readonly (Value | undefined)[]) =>
    placed.some(({ position, value }) => isEqual(filters[position], value));
  return { vector, limit, passes };
}

function limitOf(limit: unknown): number {
  if (limit === undefined) return DEFAULT_LIMIT;
  if (typeof limit !== "number" || !Number.isInteger(limit) || limit < 0) {
    throw badArgument("limit", "a non-negative integer", limit);
  }
  if (limit <= MAX_LIMIT) return limit;
  throw userError(
    "QueryInvalid",
    `Vector queries can fetch at most ${MAX_LIMIT} results, requested ${limit}.`,
    { limit: MAX_LIMIT },
  );
}

/** There is no `and`, so however conditions are nested, any of them is enough. */
function conditionsOf(tree: VectorFilterTree): VectorCondition[] {
  if ("$or" in tree) return tree.$or.flatMap(conditionsOf);
  if ("$eq" in tree) {
    const [{ $field: field }, { $literal: value }] = tree.$eq;
    return [{ field, value }];
  }
  throw userError("QueryInvalid", "Filters should be a combination of `q.eq` and `q.or`.");
}

function placeOf(index: VectorIndexPlan, field: string): number {
  const position = index.filterFields.indexOf(field);
  if (position >= 0) return position;
  throw invalid(
    index,
    `contains a filter on "${field}" but that field isn't indexed for filtering in \`filterFields\`.`,
  );
}

function isEqual(actual: Value | undefined, value: Value | undefined): boolean {
  return typeof value === "string" ? actual === value : valuesEqual(actual, value);
}

function badArgument(name: string, expected: string, got: unknown) {
  return userError(
    "ArgumentsInvalid",
    `Invalid argument \`${name}\` for \`vectorSearch\`: expected ${expected}, got ${String(got)}`,
    { argument: name },
  );
}

function invalid({ descriptor }: VectorIndexPlan, problem: string) {
  return userError("QueryInvalid", `Vector query against ${descriptor} ${problem}`, {
    index: descriptor,
  });
}
