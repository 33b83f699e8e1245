/**
 * `convexTest`: the API of the convex-test package on this engine. A thin face: what is not
 * forwarded to the engine is in the files beside, and where it differs in `concessions.ts`.
 */
import type { TransactionLimits } from "../db/limits";
import type { AnySchemaDefinition } from "../server/schema-definition";
import { defaultModules } from "./default-modules";
import { createTestConvex } from "./test-accessor";
import type { TestConvex } from "./test-convex";
import type { TestModules } from "./test-modules";
import { TestWorld } from "./test-world";

export interface ConvexTestOptions<SchemaDef extends AnySchemaDefinition> {
  /** The default export of `schema.ts`. Without one, nothing is checked and there are no indexes. */
  readonly schema?: SchemaDef | undefined;
  /** For example `import.meta.glob("./**\/*.*s")`. Default: the project's `convex` folder. */
  readonly modules?: TestModules | undefined;
  /** Limits of each transaction: none (`false`, default), Convex's (`true`), or Convex's but for these. */
  readonly transactionLimits?: boolean | Partial<TransactionLimits> | undefined;
}

/**
 * A backend of its own for one test, in microseconds after the first; nothing has to be closed.
 *
 * @throws InvexError `SchemaInvalid`, `ModuleInvalid`, `OptionsInvalid`
 * @example
 * const t = convexTest(schema, import.meta.glob("./**\/*.*s"));
 * await t.mutation(api.messages.send, { body: "hi" });
 * expect(await t.query(api.messages.list)).toMatchObject([{ body: "hi" }]);
 */
export function convexTest<SchemaDef extends AnySchemaDefinition = AnySchemaDefinition>(
  schema?: SchemaDef,
  modules?: TestModules,
): TestConvex<SchemaDef>;
export function convexTest<SchemaDef extends AnySchemaDefinition = AnySchemaDefinition>(
  options: ConvexTestOptions<SchemaDef>,
): TestConvex<SchemaDef>;
export function convexTest(
  given: AnySchemaDefinition | ConvexTestOptions<AnySchemaDefinition> = {},
  modulesGiven?: TestModules,
): unknown {
  const options = isSchema(given) ? { schema: given, modules: modulesGiven } : given;
  const {
    schema,
    modules = modulesGiven,
    transactionLimits = false,
  } = options as ConvexTestOptions<AnySchemaDefinition>;
  return createTestConvex(
    TestWorld.create({ schema, modules: modules ?? defaultModules(), transactionLimits }),
  );
}

function isSchema(given: object): given is AnySchemaDefinition {
  const { tables } = given as { readonly tables?: unknown };
  return typeof tables === "object" && tables !== null;
}
