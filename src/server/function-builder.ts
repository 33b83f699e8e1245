/**
 * The types of `query`, `mutation`, `action` and `httpAction`: from validators and a data model to
 * the handler's parameters and the registered function. The functions themselves are `registration.ts`.
 */

import type {
  GenericValidator,
  Infer,
  ObjectType,
  PropertyValidators,
  Validator,
} from "../values/validator";
import type { GenericDataModel } from "./data-model";
import type {
  GenericActionCtx,
  GenericMutationCtx,
  GenericMutationCtxWithTable,
  GenericQueryCtx,
  GenericQueryCtxWithTable,
} from "./function-ctx";
import type { FunctionType, ValidatorTypeToReturnType } from "./function-reference";
import type {
  ArgsArray,
  ArgsArrayToObject,
  DefaultFunctionArgs,
  FunctionVisibility,
  OneArgArray,
  PublicHttpAction,
  RegisteredAction,
  RegisteredMutation,
  RegisteredQuery,
} from "./registered-function";

// biome-ignore lint/suspicious/noExplicitAny: validators of every type
type RequiredValidator = Validator<any, "required", any>;

// biome-ignore lint/suspicious/noConfusingVoidType: how code typed against `convex` says "no validator"
type Absent = void;

/** What `args` and `returns` take: a map of fields, a validator, or nothing. */
type OptionalValidator = PropertyValidators | RequiredValidator | Absent;

/** What a handler may return, given its `returns`; anything when there is none. */
export type ReturnValueForOptionalValidator<
  ReturnsValidator extends GenericValidator | PropertyValidators | Absent,
> = [ReturnsValidator] extends [GenericValidator]
  ? ValidatorTypeToReturnType<Infer<ReturnsValidator>>
  : [ReturnsValidator] extends [PropertyValidators]
    ? ValidatorTypeToReturnType<ObjectType<ReturnsValidator>>
    : // biome-ignore lint/suspicious/noExplicitAny: without `returns` nothing is checked
      any;

/** The argument lists a handler may declare, given its `args`. */
export type ArgsArrayForOptionalValidator<
  ArgsValidator extends GenericValidator | PropertyValidators | Absent,
> = [ArgsValidator] extends [GenericValidator]
  ? OneArgArray<Infer<ArgsValidator>>
  : [ArgsValidator] extends [PropertyValidators]
    ? OneArgArray<ObjectType<ArgsValidator>>
    : ArgsArray;

/** The argument list of a handler that declares none itself, given its `args`. */
export type DefaultArgsForOptionalValidator<
  ArgsValidator extends GenericValidator | PropertyValidators | Absent,
> = [ArgsValidator] extends [GenericValidator]
  ? [Infer<ArgsValidator>]
  : [ArgsValidator] extends [PropertyValidators]
    ? [ObjectType<ArgsValidator>]
    : OneArgArray;

/** What a builder takes: a handler, or an object with a handler and its validators. */
type Definition<Ctx, ArgsValidator, ReturnsValidator, Args extends ArgsArray, Returns> =
  | {
      /** Checked before the handler runs. Left out: anything goes. */
      args?: ArgsValidator;
      /** Checked on what the handler returns. Left out: anything goes. */
      returns?: ReturnsValidator;
      handler: (ctx: Ctx, ...args: Args) => Returns;
    }
  | ((ctx: Ctx, ...args: Args) => Returns);

type Registered<
  Type extends FunctionType,
  Visibility extends FunctionVisibility,
  Args extends DefaultFunctionArgs,
  Returns,
> = {
  query: RegisteredQuery<Visibility, Args, Returns>;
  mutation: RegisteredMutation<Visibility, Args, Returns>;
  action: RegisteredAction<Visibility, Args, Returns>;
}[Type];

interface Builder<Ctx, Type extends FunctionType, Visibility extends FunctionVisibility> {
  <
    ArgsValidator extends OptionalValidator,
    ReturnsValidator extends OptionalValidator,
    // biome-ignore lint/suspicious/noExplicitAny: inferred from the handler
    ReturnValue extends ReturnValueForOptionalValidator<ReturnsValidator> = any,
    OneOrZeroArgs extends
      ArgsArrayForOptionalValidator<ArgsValidator> = DefaultArgsForOptionalValidator<ArgsValidator>,
  >(
    definition: Definition<Ctx, ArgsValidator, ReturnsValidator, OneOrZeroArgs, ReturnValue>,
  ): Registered<Type, Visibility, ArgsArrayToObject<OneOrZeroArgs>, ReturnValue>;
  /** Not to be called: makes builders comparable with `convex`'s, like `insert` in `database.ts`. */
  (definition: never, overload: never): unknown;
}

/** The type of `query` (or `internalQuery`) for one data model. */
export type QueryBuilder<
  DataModel extends GenericDataModel,
  Visibility extends FunctionVisibility,
> = Builder<GenericQueryCtx<DataModel>, "query", Visibility>;

/** {@link QueryBuilder} whose `ctx.db` is reached through `db.table(name)`. */
export type QueryBuilderWithTable<
  DataModel extends GenericDataModel,
  Visibility extends FunctionVisibility,
> = Builder<GenericQueryCtxWithTable<DataModel>, "query", Visibility>;

/** The type of `mutation` (or `internalMutation`) for one data model. */
export type MutationBuilder<
  DataModel extends GenericDataModel,
  Visibility extends FunctionVisibility,
> = Builder<GenericMutationCtx<DataModel>, "mutation", Visibility>;

/** {@link MutationBuilder} whose `ctx.db` is reached through `db.table(name)`. */
export type MutationBuilderWithTable<
  DataModel extends GenericDataModel,
  Visibility extends FunctionVisibility,
> = Builder<GenericMutationCtxWithTable<DataModel>, "mutation", Visibility>;

/** The type of `action` (or `internalAction`) for one data model. */
export type ActionBuilder<
  DataModel extends GenericDataModel,
  Visibility extends FunctionVisibility,
> = Builder<GenericActionCtx<DataModel>, "action", Visibility>;

/** The type of `httpAction`; for one data model, or for any. */
// biome-ignore lint/suspicious/noExplicitAny: an HTTP action of no particular data model
export type HttpActionBuilder<DataModel extends GenericDataModel = any> = (
  func: (ctx: GenericActionCtx<DataModel>, request: Request) => Promise<Response>,
) => PublicHttpAction;
