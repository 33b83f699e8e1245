/** What is made once for all tests that pass the same schema, modules and limits. */
import type { TransactionLimits } from "../db/limits";
import type { TestModules } from "./test-modules";

interface TemplateKey {
  readonly schema: unknown;
  readonly modules: TestModules;
  readonly transactionLimits: boolean | Partial<TransactionLimits>;
}

/** Holds nothing that the options it is for do not hold. */
export class TestTemplates<Template> {
  readonly #byModules = new WeakMap<TestModules, WeakMap<object, Map<string, Template>>>();

  /** The template of these options; `create` makes it the first time. Options are told apart by identity. */
  get(key: TemplateKey, create: () => Template): Template {
    const { modules, schema, transactionLimits } = key;
    const limits = `${JSON.stringify(transactionLimits)} ${Object.keys(modules).length}`;
    const bySchema = obtain(this.#byModules, modules, () => new WeakMap());
    const owner = typeof schema === "object" && schema !== null ? schema : NO_SCHEMA;
    const byLimits: Map<string, Template> = obtain(bySchema, owner, () => new Map());
    return obtain(byLimits, limits, create);
  }
}

const NO_SCHEMA = {};

function obtain<Key, Value>(
  map: { get(key: Key): Value | undefined; set(key: Key, value: Value): unknown },
  key: Key,
  create: () => Value,
): Value {
  const known = map.get(key);
  if (known !== undefined) return known;
  const created = create();
  map.set(key, created);
  return created;
}
