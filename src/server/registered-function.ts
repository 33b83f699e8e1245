/**
 * What the builders return, as types: functions known by `isQuery | isMutation | isAction | isHttp`.
 * How they are made is `registration.ts`; who may call them from where is `function-reference.ts`.
 */

import type { ObjectType, PropertyValidators } from "../values/validator";

/** `public` functions may be called by clients, `internal` ones only by other functions. */
export type FunctionVisibility = "public" | "internal";

/** Arguments of a function that declares none. */
export type DefaultFunctionArgs = Record<string, unknown>;

/** The argument list of a function that takes an arguments object. */
export type OneArgArray<ArgsObject extends DefaultFunctionArgs = DefaultFunctionArgs> = [
  ArgsObject,
];

/** The argument list of a function: one object, or nothing. */
export type ArgsArray = OneArgArray | [];

/** An object without properties. */
export type EmptyObject = Record<string, never>;

/** The arguments object behind an {@link ArgsArray}. */
export type ArgsArrayToObject<Args extends ArgsArray> =
  Args extends OneArgArray<infer ArgsObject> ? ArgsObject : EmptyObject;

type VisibilityProperties<Visibility extends FunctionVisibility> = {
  /** In types only. */
  _visibility: Visibility;
} & (Visibility extends "public" ? { isPublic: true } : { isInternal: true });

/** Carries `Args` and `Returns` for inference. Nothing of it exists at run time. */
type Signature<Args extends DefaultFunctionArgs, Returns> = {
  isConvexFunction: true;
  readonly __signature?: { args: Args; returns: Returns };
};

/** A query, as `query({ … })` returns it. */
export type RegisteredQuery<
  Visibility extends FunctionVisibility,
  Args extends DefaultFunctionArgs,
  Returns,
> = { isQuery: true } & Signature<Args, Returns> & VisibilityProperties<Visibility>;

/** A mutation, as `mutation({ … })` returns it. */
export type RegisteredMutation<
  Visibility extends FunctionVisibility,
  Args extends DefaultFunctionArgs,
  Returns,
> = { isMutation: true } & Signature<Args, Returns> & VisibilityProperties<Visibility>;

/** An action, as `action({ … })` returns it. */
export type RegisteredAction<
  Visibility extends FunctionVisibility,
  Args extends DefaultFunctionArgs,
  Returns,
> = { isAction: true } & Signature<Args, Returns> & VisibilityProperties<Visibility>;

/** An HTTP handler, as `httpAction(…)` returns it. Reachable only through a route. */
export type PublicHttpAction = {
  isHttp: true;
};

/** A function without declared arguments: whatever the caller sends arrives. */
export type UnvalidatedFunction<Ctx, Args extends ArgsArray, Returns> =
  | ((ctx: Ctx, ...args: Args) => Returns)
  | { handler: (ctx: Ctx, ...args: Args) => Returns };

/** A function whose arguments are checked before it runs. */
export interface ValidatedFunction<Ctx, ArgsValidator extends PropertyValidators, Returns> {
  args: ArgsValidator;
  handler: (ctx: Ctx, args: ObjectType<ArgsValidator>) => Returns;
}
