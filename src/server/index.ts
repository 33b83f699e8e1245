/** `invex/server`: what `convex/server` exports for authors, under the same names, and `functionsFor`. */

export type { Expand } from "../values/validator";
export type { AnyApi, ApiFromModules, FilterApi, PartialApi } from "./api";
export { anyApi, filterApi, makeFunctionReference } from "./api";
export type {
  Auth,
  AuthConfig,
  AuthProvider,
  MutationAuth,
  ReservedJwtClaim,
  ReservedJwtClaimPrefix,
  SignJwtClaims,
  SignJwtOptions,
  UserIdentity,
  UserIdentityAttributes,
} from "./authentication";
export type {
  AppDefinition,
  ComponentDefinition,
  EnvDefinition,
  EnvFromAppDefinition,
  EnvFromDefinition,
} from "./component-definition";
export { defineApp, defineComponent } from "./component-definition";
export type { AnyChildComponents, AnyComponents } from "./component-references";
export { componentsGeneric, currentSystemUdfInComponent } from "./component-references";
export type { CronJob, Crons } from "./crons";
export { cronJobs } from "./crons";
export type {
  AnyDataModel,
  DocumentByInfo,
  DocumentByName,
  FieldPaths,
  FieldTypeFromFieldPath,
  FieldTypeFromFieldPathInner,
  GenericDataModel,
  GenericDocument,
  GenericFieldPaths,
  GenericIndexFields,
  GenericSearchIndexConfig,
  GenericTableIndexes,
  GenericTableInfo,
  GenericTableSearchIndexes,
  GenericTableVectorIndexes,
  GenericVectorIndexConfig,
  Indexes,
  IndexNames,
  NamedIndex,
  NamedSearchIndex,
  NamedTableInfo,
  NamedVectorIndex,
  SearchIndexes,
  SearchIndexNames,
  TableNamesInDataModel,
  VectorIndexes,
  VectorIndexNames,
} from "./data-model";
export type {
  BaseTableReader,
  BaseTableWriter,
  GenericDatabaseReader,
  GenericDatabaseReaderWithTable,
  GenericDatabaseWriter,
  GenericDatabaseWriterWithTable,
} from "./database";
export type { DocValidator, SystemFieldValidators } from "./doc-validator";
export { docValidator } from "./doc-validator";
export type { Expression, ExpressionOrValue, FilterBuilder } from "./filter-builder";
export { getFunctionAddress, getFunctionName } from "./function-address";
export type {
  ActionBuilder,
  ArgsArrayForOptionalValidator,
  DefaultArgsForOptionalValidator,
  HttpActionBuilder,
  MutationBuilder,
  MutationBuilderWithTable,
  QueryBuilder,
  QueryBuilderWithTable,
  ReturnValueForOptionalValidator,
} from "./function-builder";
export type {
  AdvancedRunQueryOptions,
  GenericActionCtx,
  GenericMutationCtx,
  GenericMutationCtxWithTable,
  GenericQueryCtx,
  GenericQueryCtxWithTable,
} from "./function-ctx";
export type { FunctionHandle, FunctionHandle_future } from "./function-handle";
export { createFunctionHandle } from "./function-handle";
export type {
  ArgsAndOptions,
  FunctionArgs,
  FunctionReference,
  FunctionReference_future,
  FunctionReturnType,
  FunctionType,
  OptionalRestArgs,
  ValidatorTypeToReturnType,
} from "./function-reference";
export type {
  ActionCtxFor,
  Doc,
  Functions,
  Id,
  MutationCtxFor,
  QueryCtxFor,
} from "./functions-for";
export { functionsFor } from "./functions-for";
export type { IndexRange, IndexRangeBuilder } from "./index-range-builder";
export type { AuditLogBody, AuditLogValue } from "./log";
export { log } from "./log";
export type {
  ActionMeta,
  DeploymentMetadata,
  FunctionMetadata,
  MutationMeta,
  QueryMeta,
  RequestMetadata,
  TransactionLimits,
  TransactionMetric,
  TransactionMetrics,
} from "./meta";
export type { BetterOmit } from "./object-shape";
export type { Cursor, PaginationOptions, PaginationResult } from "./pagination";
export { paginationOptsValidator, paginationResultValidator } from "./pagination";
export type { OrderedQuery, Query, QueryInitializer } from "./query";
export type {
  ArgsArray,
  ArgsArrayToObject,
  DefaultFunctionArgs,
  FunctionVisibility,
  PublicHttpAction,
  RegisteredAction,
  RegisteredMutation,
  RegisteredQuery,
  UnvalidatedFunction,
  ValidatedFunction,
} from "./registered-function";
export {
  actionGeneric,
  httpActionGeneric,
  internalActionGeneric,
  internalMutationGeneric,
  internalQueryGeneric,
  mutationGeneric,
  queryGeneric,
} from "./registration";
export type {
  RoutableMethod,
  RouteSpec,
  RouteSpecWithPath,
  RouteSpecWithPathPrefix,
} from "./router";
export { HttpRouter, httpRouter, ROUTABLE_HTTP_METHODS } from "./router";
export type { SchedulableFunctionReference, Scheduler } from "./scheduler";
export type {
  DataModelFromSchemaDefinition,
  DefineSchemaOptions,
  GenericSchema,
  SchemaDefinition,
} from "./schema-definition";
export { defineSchema } from "./schema-definition";
export type { SearchFilterBuilder, SearchFilterFinalizer } from "./search-filter-builder";
export { SearchFilter } from "./search-filter-builder";
export type { ServiceName } from "./services";
export { getServiceToken, getServiceUrl } from "./services";
export type {
  FileMetadata,
  FileStorageId,
  StorageActionWriter,
  StorageId,
  StorageReader,
  StorageWriter,
} from "./storage";
export type {
  IdField,
  IndexTiebreakerField,
  SystemFields,
  SystemIndexes,
  WithOptionalSystemFields,
  WithoutSystemFields,
} from "./system-fields";
export type { SystemDataModel, SystemTableNames } from "./system-tables";
export type { SearchIndexConfig, TableDefinition, VectorIndexConfig } from "./table-definition";
export { defineTable } from "./table-definition";
export type { FilterExpression, VectorFilterBuilder } from "./vector-filter-builder";
export type { VectorSearch, VectorSearchQuery } from "./vector-search";
