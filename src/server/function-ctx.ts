/**
 * `ctx`: what a query, a mutation and an action get to work with, typed by the data model.
 * Types only; the objects are made in `src/functions`.
 */

import type { Expand } from "../values/validator";
import type { GenericId } from "../values/value";
import type { Auth, MutationAuth } from "./authentication";
import type {
  GenericDataModel,
  NamedTableInfo,
  TableNamesInDataModel,
  VectorIndexNames,
} from "./data-model";
import type {
  GenericDatabaseReader,
  GenericDatabaseReaderWithTable,
  GenericDatabaseWriter,
  GenericDatabaseWriterWithTable,
} from "./database";
import type {
  ArgsAndOptions,
  FunctionReturnType,
  OptionalRestArgs,
  ReferenceTo,
} from "./function-reference";
import type { ActionMeta, MutationMeta, QueryMeta, TransactionLimits } from "./meta";
import type { Scheduler } from "./scheduler";
import type { StorageActionWriter, StorageReader, StorageWriter } from "./storage";
import type { VectorSearchQuery } from "./vector-search";

/** References a running function may call: both visibilities. */
type Callable<Type extends "query" | "mutation" | "action"> = ReferenceTo<
  Type,
  "public" | "internal"
>;

/** Options of `ctx.runQuery` in a mutation. */
export interface AdvancedRunQueryOptions {
  transactionLimits?: TransactionLimits;
  /** Read the snapshot the mutation began with: without its own writes, and without conflicts. */
  useStaleSnapshot?: boolean;
}

/** What a query handler gets. */
export interface GenericQueryCtx<DataModel extends GenericDataModel> {
  db: GenericDatabaseReader<DataModel>;
  auth: Auth;
  storage: StorageReader;
  /** Runs another query in this transaction. */
  runQuery: <Query extends Callable<"query">>(
    query: Query,
    ...args: ArgsAndOptions<Query, { transactionLimits?: TransactionLimits }>
  ) => Promise<FunctionReturnType<Query>>;
  meta: QueryMeta;
}

/** What a mutation handler gets. */
export interface GenericMutationCtx<DataModel extends GenericDataModel> {
  db: GenericDatabaseWriter<DataModel>;
  auth: MutationAuth;
  storage: StorageWriter;
  scheduler: Scheduler;
  /** Runs a query in this transaction; it sees the mutation's own writes. */
  runQuery: <Query extends Callable<"query">>(
    query: Query,
    ...args: ArgsAndOptions<Query, AdvancedRunQueryOptions>
  ) => Promise<FunctionReturnType<Query>>;
  /** Runs another mutation as part of this transaction. If it throws, its writes alone roll back. */
  runMutation: <Mutation extends Callable<"mutation">>(
    mutation: Mutation,
    ...args: ArgsAndOptions<Mutation, { transactionLimits?: TransactionLimits }>
  ) => Promise<FunctionReturnType<Mutation>>;
  meta: MutationMeta;
}

/** What an action or HTTP action handler gets. Each `run…` is a transaction of its own. */
export interface GenericActionCtx<DataModel extends GenericDataModel> {
  runQuery<Query extends Callable<"query">>(
    query: Query,
    ...args: OptionalRestArgs<Query>
  ): Promise<FunctionReturnType<Query>>;

  runMutation<Mutation extends Callable<"mutation">>(
    mutation: Mutation,
    ...args: OptionalRestArgs<Mutation>
  ): Promise<FunctionReturnType<Mutation>>;

  runAction<Action extends Callable<"action">>(
    action: Action,
    ...args: OptionalRestArgs<Action>
  ): Promise<FunctionReturnType<Action>>;

  scheduler: Scheduler;
  auth: Auth;
  storage: StorageActionWriter;

  /**
   * Documents nearest to a vector, best first, as ids and cosine similarities.
   *
   * @example
   * const near = await ctx.vectorSearch("foods", "by_embedding", {
   *   vector: [0.1, 0.2],
   *   filter: (q) => q.or(q.eq("cuisine", "French"), q.eq("cuisine", "Thai")),
   * });
   */
  vectorSearch<
    TableName extends TableNamesInDataModel<DataModel>,
    IndexName extends VectorIndexNames<NamedTableInfo<DataModel, TableName>>,
  >(
    tableName: TableName,
    indexName: IndexName,
    query: Expand<VectorSearchQuery<NamedTableInfo<DataModel, TableName>, IndexName>>,
  ): Promise<Array<{ _id: GenericId<TableName>; _score: number }>>;

  meta: ActionMeta;
}

/** {@link GenericQueryCtx} whose `db` is reached through `db.table(name)`. */
export type GenericQueryCtxWithTable<DataModel extends GenericDataModel> = Omit<
  GenericQueryCtx<DataModel>,
  "db"
> & { db: GenericDatabaseReaderWithTable<DataModel> };

/** {@link GenericMutationCtx} whose `db` is reached through `db.table(name)`. */
export type GenericMutationCtxWithTable<DataModel extends GenericDataModel> = Omit<
  GenericMutationCtx<DataModel>,
  "db"
> & { db: GenericDatabaseWriterWithTable<DataModel> };
