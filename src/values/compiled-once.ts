/**
 * Compiling a validator once for all copies of a backend. What accepts may be compiled for the tables
 * that all copies list: ids of other tables are just not accepted by it, and whoever explains a
 * mismatch looks at all tables.
 */
import type { IdResolver } from "./id-resolver";
import type { ValidatorJSON } from "./validator-json";

/** Remembers what was compiled for an owner and a set of tables. */
export class CompiledOnce<Owner extends object, Compiled> {
  readonly #compiled = new WeakMap<IdResolver, WeakMap<Owner, Compiled>>();

  /**
   * What `compile` gives for the tables of `ids`, or did before.
   * @param json the validator, which must be the same for the same owner
   */
  get(
    owner: Owner,
    json: ValidatorJSON,
    ids: IdResolver,
    compile: (ids: IdResolver) => Compiled,
  ): Compiled {
    const { listed } = ids;
    if (listed === undefined) return compile(ids);
    let compiled = this.#compiled.get(listed);
    if (compiled === undefined) {
      compiled = new WeakMap();
      this.#compiled.set(listed, compiled);
    }
    const known = compiled.get(owner);
    if (known !== undefined) return known;
    if (!tablesIn(json).every((table) => listed.has(table))) return compile(ids);
    const fresh = compile(listed);
    compiled.set(owner, fresh);
    return fresh;
  }
}

/** The tables that a validator names. */
function tablesIn(json: ValidatorJSON): string[] {
  const text = JSON.stringify(json);
  return Array.from(text.matchAll(/"tableName":"((?:[^"\\]|\\.)*)"/g), ([, name]) => name ?? "");
}
