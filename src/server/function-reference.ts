/**
 * References: how code names a function without importing it, as types, and what can be read off them.
 * Making and resolving them at run time is `api.ts` and `function-address.ts`.
 */

import type { DefaultFunctionArgs, EmptyObject, FunctionVisibility } from "./registered-function";

/** The kinds of function a reference can name. */
export type FunctionType = "query" | "mutation" | "action";

/** True for `any` only. */
type IsAny<T> = 0 extends 1 & T ? true : false;

// biome-ignore lint/suspicious/noExplicitAny: the key of untyped arguments must stay untyped
type ArgKey<Args> = IsAny<Args> extends true ? any : keyof Args;

type ArgKeys<Args> =
  IsAny<Args> extends true
    ? // biome-ignore lint/suspicious/noExplicitAny: untyped arguments have untyped keys
      any
    : ((keys: (key: ArgKey<Args>) => void) => void) | ((keys: never, unchecked?: unknown) => void);

type StrictArgKeys<Args> =
  IsAny<Args> extends true
    ? // biome-ignore lint/suspicious/noExplicitAny: untyped arguments have untyped keys
      any
    : (keys: (key: ArgKey<Args>) => void, guard?: never) => void;

/**
 * The typed name of a function: `api.messages.list`. Its members exist in types only; at run time it
 * carries its name under `Symbol.for("functionName")`.
 */
export type FunctionReference<
  Type extends FunctionType,
  Visibility extends FunctionVisibility = "public",
  // biome-ignore lint/suspicious/noExplicitAny: a reference to some function takes some arguments
  Args extends DefaultFunctionArgs = any,
  // biome-ignore lint/suspicious/noExplicitAny: and returns something
  ReturnType = any,
  ComponentPath = string | undefined,
> = {
  _type: Type;
  _visibility: Visibility;
  _args: Args;
  _returnType: ReturnType;
  _componentPath: ComponentPath;
  _fn?(args: Args, keys: ArgKeys<Args>): ReturnType;
};

/** The form of {@link FunctionReference} that `convex` is moving to: arguments compare strictly. */
export type FunctionReference_future<
  Type extends FunctionType,
  Visibility extends FunctionVisibility = "public",
  // biome-ignore lint/suspicious/noExplicitAny: as in FunctionReference
  Args extends DefaultFunctionArgs = any,
  // biome-ignore lint/suspicious/noExplicitAny: as in FunctionReference
  ReturnType = any,
  ComponentPath = string | undefined,
> = {
  _type: Type;
  _visibility: Visibility;
  _componentPath: ComponentPath;
  _fn?: ((args: Args, keys: StrictArgKeys<Args>) => ReturnType) | undefined;
};

/** A reference to a function of any kind and visibility. */
// biome-ignore lint/suspicious/noExplicitAny: "any kind" is what this says
export type AnyFunctionReference = FunctionReference<any, any>;

/** Either form of reference, of the given kind. */
export type ReferenceTo<Type extends FunctionType, Visibility extends FunctionVisibility> =
  | FunctionReference<Type, Visibility>
  | FunctionReference_future<Type, Visibility>;

// biome-ignore lint/suspicious/noExplicitAny: accepts references of every kind
type AnyReference = ReferenceTo<any, any>;

type SignatureOf<FuncRef> = FuncRef extends { _args: infer Args; _returnType: infer Returns }
  ? { args: Args; returnType: Returns }
  : FuncRef extends { _fn?: ((args: infer Args, keys: never) => infer Returns) | undefined }
    ? { args: Args; returnType: Returns }
    : // biome-ignore lint/suspicious/noExplicitAny: nothing is known of such a reference
      { args: any; returnType: any };

/** The arguments object a referenced function takes. */
export type FunctionArgs<FuncRef extends AnyReference> = SignatureOf<FuncRef>["args"];

/** What a call of a referenced function resolves to. */
export type FunctionReturnType<FuncRef extends AnyReference> = SignatureOf<FuncRef>["returnType"];

/** Rest parameters for a function's arguments: they may be left out where there are none. */
export type OptionalRestArgs<FuncRef extends AnyReference> =
  FunctionArgs<FuncRef> extends EmptyObject ? [args?: EmptyObject] : [args: FunctionArgs<FuncRef>];

/** Rest parameters for a function's arguments followed by options. */
export type ArgsAndOptions<FuncRef extends AnyReference, Options> =
  FunctionArgs<FuncRef> extends EmptyObject
    ? [args?: EmptyObject, options?: Options]
    : [args: FunctionArgs<FuncRef>, options?: Options];

type UndefinedToNull<T> = T extends void ? null : T;
// biome-ignore lint/suspicious/noConfusingVoidType: a handler without `return` returns void
type NullToUndefinedOrNull<T> = T extends null ? T | undefined | void : T;

/** What callers get when a handler returns `T`: promises unwrapped, `undefined` as `null`. */
export type ConvertReturnType<T> = UndefinedToNull<Awaited<T>>;

/** What a handler may return when its `returns` validator says `T`. */
export type ValidatorTypeToReturnType<T> =
  | Promise<NullToUndefinedOrNull<T>>
  | NullToUndefinedOrNull<T>;

// biome-ignore lint/suspicious/noExplicitAny: all that can be known of a function of another package
type UnknownSignature = { args: any; returns: any };

/** `convex`'s types of registered functions name arguments in a way only `convex` can read. */
type SignatureOfExport<Export> = "__signature" extends keyof Export
  ? NonNullable<Export["__signature"]>
  : UnknownSignature;

type ReferenceFromSignature<Type extends FunctionType, Export, Signature> = Export extends {
  _visibility: infer Visibility extends FunctionVisibility;
}
  ? Signature extends { args: infer Args extends DefaultFunctionArgs; returns: infer Returns }
    ? FunctionReference<Type, Visibility, Args, ConvertReturnType<Returns>>
    : never
  : never;

/** The reference that names a registered function. */
export type FunctionReferenceFromExport<Export> = Export extends { isQuery: true }
  ? ReferenceFromSignature<"query", Export, SignatureOfExport<Export>>
  : Export extends { isMutation: true }
    ? ReferenceFromSignature<"mutation", Export, SignatureOfExport<Export>>
    : Export extends { isAction: true }
      ? ReferenceFromSignature<"action", Export, SignatureOfExport<Export>>
      : never;
