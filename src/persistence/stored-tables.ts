/**
 * Which tables a store has, and by which key its rows name each. Tables of components that are not
 * mounted, and those no schema lists any more, keep their keys and their rows. A table that gets
 * another number is another table: its documents have other ids.
 */
import type { Namespace } from "../db/catalog";
import type { TablePlan } from "../db/table-plan";
import type { MetaChange } from "./persistence";
import { droppedTableChange, type StoredTable, tableChange } from "./store-header";

type Identity = Pick<StoredTable, "component" | "name" | "number">;

export class StoredTables {
  readonly #tables = new Map<string, StoredTable>();
  /** What the store does not know yet, by key. */
  readonly #changes = new Map<number, MetaChange>();
  #lastKey: number;

  constructor(tables: readonly StoredTable[], lastKey = 0) {
    for (const table of tables) this.#tables.set(identityOf(table), table);
    this.#lastKey = lastKey;
  }

  get keys(): number[] {
    return Array.from(this.#tables.values(), ({ key }) => key);
  }

  /** The tables of one component instance. Cost: O(tables). */
  of(component: string): StoredTable[] {
    return [...this.#tables.values()].filter((table) => table.component === component);
  }

  /** The stored table behind a plan; `undefined` when nothing of it was ever written. */
  find(plan: TablePlan): StoredTable | undefined {
    return this.#tables.get(identityOf(plan));
  }

  /** The key of a plan's rows; a table gets one when it is first written to. */
  keyOf(plan: TablePlan, namespace: Namespace): number {
    const known = this.find(plan);
    if (known !== undefined) return known.key;
    this.#lastKey += 1;
    const { component, name, number } = plan;
    this.#set({
      key: this.#lastKey,
      component,
      name,
      number,
      validator: validatorOf(plan, namespace),
    });
    return this.#lastKey;
  }

  /** A plan's documents have been checked against its validator. */
  checked(plan: TablePlan, namespace: Namespace): void {
    const table = this.find(plan);
    const validator = validatorOf(plan, namespace);
    if (table !== undefined && table.validator !== validator) this.#set({ ...table, validator });
  }

  /** A table is no more; its rows have been deleted. */
  drop(plan: TablePlan): void {
    const table = this.find(plan);
    if (table === undefined) return;
    this.#tables.delete(identityOf(table));
    this.#changes.set(table.key, droppedTableChange(table));
  }

  /** What is to be written so that the store knows its tables; each change is told once. */
  takeChanges(): MetaChange[] {
    const changes = [...this.#changes.values()];
    this.#changes.clear();
    return changes;
  }

  #set(table: StoredTable): void {
    this.#tables.set(identityOf(table), table);
    this.#changes.set(table.key, tableChange(table));
  }
}

/** What a plan's documents are checked against, as text; "" for nothing. */
export function validatorOf(plan: TablePlan, namespace: Namespace): string {
  if (plan.definition === undefined || !namespace.validates(plan)) return "";
  return JSON.stringify(plan.definition.documentType);
}

/** Neither component paths nor names hold a line feed. */
function identityOf({ component, name, number }: Identity): string {
  return `${component}\n${name}\n${number}`;
}
