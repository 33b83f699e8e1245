/**
 * The function builders: `query({ args, returns, handler })` and its kin, without a data model.
 * A registered function is a plain function with marks the engine reads; registering runs nothing
 * and checks nothing. Builders typed by a schema come from `functions-for.ts`.
 */

import { asObjectValidator } from "../values/as-object-validator";
import { v } from "../values/v";
import type { GenericValidator, PropertyValidators } from "../values/validator";
import { validatorToJson } from "../values/validator";
import type {
  ActionBuilder,
  HttpActionBuilder,
  MutationBuilder,
  QueryBuilder,
} from "./function-builder";

// biome-ignore lint/suspicious/noExplicitAny: generic builders know no data model
type AnyModel = any;

type Handler = (ctx: unknown, args: unknown) => unknown;

type Definition =
  | Handler
  | {
      args?: GenericValidator | PropertyValidators;
      returns?: GenericValidator | PropertyValidators;
      handler: Handler;
    };

/**
 * Defines a public query: reads the database, runs again whenever what it read changes.
 *
 * @param definition - a handler, or `{ args?, returns?, handler }`. Validators are exported when the
 *   function is first looked up: an undefined one throws there, not here.
 *
 * @example
 * export const echo = queryGeneric({
 *   args: { text: v.string() },
 *   handler: (_ctx, { text }) => text,
 * });
 */
export const queryGeneric = builder("query", {
  isQuery: true,
  isPublic: true,
}) as QueryBuilder<AnyModel, "public">;

/** {@link queryGeneric} that only other functions can call. */
export const internalQueryGeneric = builder("internalQuery", {
  isQuery: true,
  isInternal: true,
}) as QueryBuilder<AnyModel, "internal">;

/** Defines a public mutation: reads and writes the database in one transaction. */
export const mutationGeneric = builder("mutation", {
  isMutation: true,
  isPublic: true,
}) as MutationBuilder<AnyModel, "public">;

/** {@link mutationGeneric} that only other functions can call. */
export const internalMutationGeneric = builder("internalMutation", {
  isMutation: true,
  isInternal: true,
}) as MutationBuilder<AnyModel, "internal">;

/** Defines a public action: talks to the world, reaches the database through other functions. */
export const actionGeneric = builder("action", {
  isAction: true,
  isPublic: true,
}) as ActionBuilder<AnyModel, "public">;

/** {@link actionGeneric} that only other functions can call. */
export const internalActionGeneric = builder("internalAction", {
  isAction: true,
  isInternal: true,
}) as ActionBuilder<AnyModel, "internal">;

/**
 * Defines an HTTP handler, reachable once it is routed with `httpRouter()`.
 *
 * @example
 * const echo = httpActionGeneric(async (_ctx, request) => new Response(await request.text()));
 */
export const httpActionGeneric: HttpActionBuilder = (func) =>
  Object.assign(directlyCallable("httpAction", func as Handler), {
    isHttp: true as const,
    _handler: func,
  });

function builder(kind: string, marks: Readonly<Record<string, true>>) {
  return (definition: Definition): unknown => {
    const { args, returns, handler } = parts(definition);
    return Object.assign(directlyCallable(kind, handler), marks, {
      exportArgs: () => exported(args ?? v.any()),
      exportReturns: () => (returns === undefined ? "null" : exported(returns)),
      _handler: handler,
    });
  };
}

function parts(definition: Definition): Exclude<Definition, Handler> {
  return typeof definition === "function" ? { handler: definition } : definition;
}

function exported(validator: GenericValidator | PropertyValidators): string {
  return JSON.stringify(validatorToJson(asObjectValidator(validator)));
}

/** What stays of a function when somebody calls it without the engine: the handler, and a warning. */
function directlyCallable(kind: string, handler: Handler): Handler {
  return (ctx, args) => {
    // The console of this moment: inside a function the engine captures it.
    globalThis.console.warn(
      `Convex functions should not directly call other Convex functions. Consider calling a helper function instead. e.g. \`export const foo = ${kind}(...); await foo(ctx);\` is not supported. See https://docs.convex.dev/production/best-practices/#use-helper-functions-to-write-shared-code`,
    );
    return handler(ctx, args);
  };
}
