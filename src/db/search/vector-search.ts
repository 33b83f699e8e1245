/** `ctx.vectorSearch`: finds the index, checks the query, and asks the latest commit. */
import { requireArgument } from "../../server/argument";
import { userError } from "../../shared/errors";
import type { Database } from "../database";
import type { TablePlan } from "../table-plan";
import type { VectorHit } from "./vector-index";
import type { VectorIndexPlan } from "./vector-index-plan";
import { compileVectorQuery, parseVectorRequest } from "./vector-query";

export interface VectorSearch {
  readonly component: string;
  readonly table: unknown;
  readonly index: unknown;
  readonly query: unknown;
}

/**
 * The documents whose vectors point most nearly where the query's does, nearest first. Sees every
 * commit that is visible now. Cost: O(vectors × dimensions).
 *
 * @throws InvexError with Convex's text for what cannot be asked (engine.md 9.2)
 */
export function searchVectors(database: Database, search: VectorSearch): VectorHit[] {
  const { component, table: tableName, index: indexName, query } = search;
  requireArgument(tableName, 1, "tableName", "vectorSearch");
  requireArgument(indexName, 2, "indexName", "vectorSearch");
  requireArgument(query, 3, "query", "vectorSearch");
  const request = parseVectorRequest(query);
  const table = database.planNamed(component, String(tableName), database.latest.seq);
  if (table === undefined) return [];
  const index = vectorIndexOf(table, String(indexName));
  const compiled = compileVectorQuery(index, request);
  return database.storeOf(table)?.vectors(index).search(compiled) ?? [];
}

function vectorIndexOf(table: TablePlan, name: string): VectorIndexPlan {
  const descriptor = `${table.name}.${name}`;
  const index = table.vectorIndexes.get(name);
  if (index === undefined) {
    if (table.indexes.has(name) || table.searchIndexes.has(name)) {
      throw userError("IndexInvalid", `Index ${descriptor} is not a vector index`, {
        index: descriptor,
      });
    }
    throw userError("IndexNotFound", `Index ${descriptor} not found.`, { index: descriptor });
  }
  if (index.staged) {
    throw userError(
      "IndexInvalid",
      `Index ${descriptor} is currently staged and not available to query until it is enabled.`,
      { index: descriptor },
    );
  }
  return index;
}
