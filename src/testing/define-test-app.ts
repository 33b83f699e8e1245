/**
 * `defineTestApp`: an app of its own for a test, without files, as convex-test has it: functions are
 * registered with the builders it gives, and called by the references it gives.
 */
import type { TransactionLimits } from "../db/limits";
import { type ApiFromModules, anyApi, type FilterApi } from "../server/api";
import { componentsGeneric } from "../server/component-references";
import type { FunctionReference } from "../server/function-reference";
import { type Functions, functionsFor } from "../server/functions-for";
import type { AnySchemaDefinition } from "../server/schema-definition";
import { userError } from "../shared/errors";
import { convexTest } from "./convex-test";
import type { TestConvex, TestConvexRoot } from "./test-convex";

// biome-ignore lint/suspicious/noExplicitAny: a test of whichever schema
type AnyTest = TestConvexRoot<any>;

/**
 * What a component exports to be registered in tests. Returning its `ComponentApi` types
 * {@link TestApp.components}; what it returns is not used otherwise.
 */
// biome-ignore lint/suspicious/noConfusingVoidType: helpers that return nothing are declared so
export type ComponentRegistration<Api> = (t: AnyTest, name: string) => Api | void;

// biome-ignore lint/suspicious/noExplicitAny: of whichever component
type Registrations = Record<string, { register: ComponentRegistration<any> }>;

/** References as seen from outside carry the name of the instance. */
type Installed<Api, Name extends string> =
  Api extends FunctionReference<infer Type, infer Visibility, infer Args, infer Result>
    ? FunctionReference<Type, Visibility, Args, Result, Name>
    : { [Key in keyof Api]: Installed<Api[Key], Name> };

type ComponentsOf<Components extends Registrations> = {
  [Name in keyof Components]: Components[Name]["register"] extends ComponentRegistration<infer Api>
    ? Installed<Api, Name & string>
    : never;
};

/** Builders for one schema, and what is made of the functions built. */
export interface TestApp<
  SchemaDef extends AnySchemaDefinition,
  Components extends Registrations = Record<never, never>,
> extends Omit<Functions<SchemaDef>, "httpAction"> {
  /** References to the components' functions. */
  readonly components: ComponentsOf<Components>;
  /**
   * Modules of functions by path, `"test"` or `"test/callbacks"`: their exports, not functions that
   * load them.
   */
  defineModules<Modules extends Record<string, object>>(
    this: void,
    modules: Modules,
  ): TestAppDefinition<SchemaDef, Modules>;
}

/** References to an app's functions, and a way to begin tests with it. */
export interface TestAppDefinition<
  SchemaDef extends AnySchemaDefinition,
  Modules extends Record<string, object>,
> {
  readonly api: FilterApi<
    ApiFromModules<Modules>,
    // biome-ignore lint/suspicious/noExplicitAny: functions of every kind
    FunctionReference<any, "public">
  >;
  readonly internal: FilterApi<
    ApiFromModules<Modules>,
    // biome-ignore lint/suspicious/noExplicitAny: functions of every kind
    FunctionReference<any, "internal">
  >;
  /** A new `t` with the components registered. `transactionLimits` as for `convexTest`. */
  createTest(
    this: void,
    options?: { transactionLimits?: Partial<TransactionLimits> | boolean },
  ): TestConvex<SchemaDef>;
}

/**
 * Defines an app in memory, without generated files.
 *
 * @throws InvexError `OptionsInvalid` for a component name with slashes or spaces; `createTest`, for
 * a `register` that returns a promise
 * @example
 * const app = defineTestApp({ schema, components: { counter: counterTest } });
 * const { api, createTest } = app.defineModules({
 *   test: { add: app.mutation({ handler: (ctx) => ctx.db.insert("messages", { text: "hi" }) }) },
 * });
 * const t = createTest();
 * await t.mutation(api.test.add, {});
 * await t.query(app.components.counter.public.count, { name: "beans" });
 */
export function defineTestApp<
  SchemaDef extends AnySchemaDefinition,
  Components extends Registrations = Record<never, never>,
>({
  schema,
  components,
}: {
  schema: SchemaDef;
  components?: Components;
}): TestApp<SchemaDef, Components> {
  const registrations = Object.entries(components ?? {});
  for (const [name] of registrations) assertInstanceName(name);
  const { httpAction: _, ...builders } = functionsFor(schema);
  return {
    ...builders,
    components: componentsGeneric() as unknown as ComponentsOf<Components>,
    defineModules: (modules) => ({
      // biome-ignore lint/suspicious/noExplicitAny: proxies that stand for every api
      api: anyApi as any,
      // biome-ignore lint/suspicious/noExplicitAny: proxies that stand for every api
      internal: anyApi as any,
      createTest: beginner(schema, mapOf(modules), registrations),
    }),
  };
}

type Registration = [name: string, component: Registrations[string]];

function beginner<SchemaDef extends AnySchemaDefinition>(
  schema: SchemaDef,
  modules: Record<string, object>,
  registrations: readonly Registration[],
) {
  return ({
    transactionLimits,
  }: {
    transactionLimits?: Partial<TransactionLimits> | boolean;
  } = {}): TestConvex<SchemaDef> => {
    const t = convexTest({ schema, modules, transactionLimits });
    for (const [name, { register }] of registrations) {
      if (isThenable(register(t, name))) throw asynchronous(name);
    }
    return t;
  };
}

/** As files of a functions folder, whose root is where `_generated` would be. */
function mapOf(modules: Record<string, object>): Record<string, object> {
  const files = Object.entries(modules).map(([path, exports]) => [`./${path}.ts`, exports]);
  return { "./_generated/api.ts": {}, ...Object.fromEntries(files) };
}

function assertInstanceName(name: string): void {
  if (name !== "" && !/[/ ]/.test(name)) return;
  throw userError(
    "OptionsInvalid",
    `Invalid component instance name "${name}": expected a nonempty name without slashes or spaces. Register nested components inside the parent's "register" function.`,
    { component: name },
  );
}

function isThenable(value: unknown): boolean {
  return typeof (value as { then?: unknown } | undefined | null)?.then === "function";
}

function asynchronous(name: string): Error {
  return userError(
    "OptionsInvalid",
    `Component registration for "${name}" returned a Promise. The "register" function must be synchronous.`,
    { component: name },
  );
}
