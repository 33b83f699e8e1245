/**
 * Which table every imported one becomes, and with which number: ids carry it, so a table that brings
 * ids brings its number too (functions.md 11.2). Plans only; nothing is changed here.
 */
import type { Namespace } from "../db/catalog";
import type { Database } from "../db/database";
import { TablePlan } from "../db/table-plan";
import { must } from "../shared/assert";
import { tryTableNumber } from "../values/id";
import type { ImportedTable } from "./imported-table";
import type { ImportMode } from "./options";
import { importError } from "./snapshot-error";

/** What becomes of one table of the import. */
export interface TableTarget {
  readonly imported: ImportedTable;
  /** The table of that name now. */
  readonly existing: TablePlan | undefined;
  /** The one it will be: `existing` itself unless the number changes. */
  readonly plan: TablePlan;
}

/** What becomes of the tables of one component. */
export interface TableTargets {
  readonly targets: readonly TableTarget[];
  /** Tables outside of the import that lose their documents. */
  readonly cleared: readonly TablePlan[];
  readonly dropped: readonly TablePlan[];
  readonly created: readonly TablePlan[];
}

/**
 * @param tables of one component, or none where `replaceAll` reaches a component without any
 * @throws InvexError `ImportFailed` when a table may not be imported into, or numbers collide
 */
export function assignTables(
  database: Database,
  component: string,
  tables: readonly ImportedTable[],
  mode: ImportMode,
): TableTargets {
  return new Assignment(database, database.catalog.of(component), mode).assign(tables);
}

class Assignment {
  readonly #database: Database;
  readonly #namespace: Namespace;
  readonly #mode: ImportMode;
  readonly #dropped: TablePlan[] = [];
  readonly #created: TablePlan[] = [];
  readonly #cleared: TablePlan[] = [];
  /** Numbers that are spoken for: those the import brings, and those that stay. */
  readonly #taken = new Map<number, string>();

  constructor(database: Database, namespace: Namespace, mode: ImportMode) {
    this.#database = database;
    this.#namespace = namespace;
    this.#mode = mode;
  }

  assign(tables: readonly ImportedTable[]): TableTargets {
    const names = new Set(tables.map(({ name }) => name));
    const claims = new Map(tables.map((table) => [table.name, this.#claimOf(table)]));
    for (const [name, number] of claims) if (number !== undefined) this.#take(number, name);
    for (const [name, number] of claims) if (number === undefined) this.#keepNumberOf(name, claims);
    this.#settleOthers([...this.#namespace.tables].filter(({ name }) => !names.has(name)));
    const targets = tables.map((imported): TableTarget => {
      const existing = this.#namespace.named(imported.name);
      const number = claims.get(imported.name) ?? this.#takeFree();
      return { imported, existing, plan: this.#planFor(imported.name, existing, number) };
    });
    const [cleared, dropped, created] = [this.#cleared, this.#dropped, this.#created];
    return { targets, cleared, dropped, created };
  }

  /** The number the ids of a table have; `undefined` when any will do. */
  #claimOf(table: ImportedTable): number | undefined {
    const { name } = table;
    const existing = this.#namespace.named(name);
    const isEmpty = existing === undefined || this.#isEmpty(existing);
    if (!isEmpty && this.#mode === "requireEmpty") {
      throw importError(
        `Table ${name} already exists. Please choose a new table name or use replace/append modes.`,
        { file: table.file },
      );
    }
    const number = table.number ?? numberOfFirst(table);
    if (isEmpty || this.#mode !== "append") return number;
    if (number === undefined || number === existing.number) return existing.number;
    throw importError(
      `conflict between the ids of table ${name} in the import, which have table number ${number}, and those of its documents that are there, which have ${existing.number}`,
      { file: table.file },
    );
  }

  /** A table without ids in the import stays what it is, unless another one needs its number. */
  #keepNumberOf(name: string, claims: Map<string, number | undefined>): void {
    const number = this.#namespace.named(name)?.number;
    if (number === undefined || this.#taken.has(number)) return;
    this.#take(number, name);
    claims.set(name, number);
  }

  #take(number: number, name: string): void {
    const other = this.#taken.get(number);
    if (other !== undefined) throw conflict(other, name, number);
    this.#taken.set(number, name);
  }

  /** Tables outside of the import: those with documents that stay keep their number, whatever comes. */
  #settleOthers(others: readonly TablePlan[]): void {
    const yielding: TablePlan[] = [];
    for (const plan of others) {
      const isCleared = this.#mode === "replaceAll" && plan.visibility === "user";
      if (isCleared) this.#cleared.push(plan);
      const mayYield = isCleared || (plan.visibility === "user" && this.#isEmpty(plan));
      if (isCleared && plan.definition === undefined) this.#dropped.push(plan);
      else if (!this.#taken.has(plan.number)) this.#taken.set(plan.number, plan.name);
      else if (mayYield) yielding.push(plan);
      else throw conflict(must(this.#taken.get(plan.number)), plan.name, plan.number);
    }
    for (const plan of yielding) this.#planFor(plan.name, plan, this.#takeFree());
  }

  #planFor(name: string, existing: TablePlan | undefined, number: number): TablePlan {
    if (existing?.number === number) return existing;
    const plan = new TablePlan({
      component: this.#namespace.component,
      name,
      number,
      visibility: existing?.visibility ?? "user",
      definition: existing?.definition,
      view: existing?.view,
      // Until the commit that creates it is decided.
      createdSeq: Number.MAX_SAFE_INTEGER,
    });
    if (existing !== undefined) this.#dropped.push(existing);
    this.#created.push(plan);
    return plan;
  }

  /** A number that means nothing yet, not even in documents of tables that are going. */
  #takeFree(): number {
    let number = this.#namespace.freeNumber;
    while (this.#taken.has(number) || this.#namespace.numbered(number) !== undefined) number += 1;
    this.#taken.set(number, "");
    return number;
  }

  #isEmpty(plan: TablePlan): boolean {
    return (this.#database.storeOf(plan)?.count ?? 0) === 0;
  }
}

function numberOfFirst({ rows }: ImportedTable): number | undefined {
  const id = rows[0]?._id;
  return typeof id === "string" ? tryTableNumber(id) : undefined;
}

function conflict(a: string, b: string, number: number) {
  return importError(`conflict between tables ${a} and ${b}: both have table number ${number}`);
}
