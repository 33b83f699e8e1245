/**
 * Which tables exist: one namespace a component instance, each with its own names and numbers
 * (functions.md 2.5). Tables come from schemas when a backend is made, and from the first insert
 * into a table that no schema lists.
 */
import { must } from "../shared/assert";
import { tryTableNumber } from "../values/id";
import type { IdResolver, ListedTables } from "../values/id-resolver";
import type { TablePlan } from "./table-plan";

/** User tables are numbered from here, system tables below (engine.md 4.1). */
const FIRST_USER_NUMBER = 10_001;

/** The tables of one component instance. */
export class Namespace implements IdResolver {
  /** Path of the component; "" is the app. */
  readonly component: string;
  /** Whether documents of listed tables are checked (engine.md 3.1). */
  readonly isValidated: boolean;
  readonly #byName = new Map<string, TablePlan>();
  readonly #byNumber = new Map<number, TablePlan>();
  #nextNumber = FIRST_USER_NUMBER;
  #listed: ListedTables | undefined;

  constructor(component: string, isValidated: boolean, listed?: ListedTables) {
    this.component = component;
    this.isValidated = isValidated;
    this.#listed = listed;
  }

  /** The tables it began with, the same object for all forks. */
  get listed(): ListedTables | undefined {
    return this.#listed;
  }

  /** To be called once, when the tables it begins with are there. */
  list(): void {
    const origin = this.fork();
    this.#listed = {
      tableOf: (id) => origin.tableOf(id),
      has: (table) => origin.named(table) !== undefined,
    };
  }

  get tables(): Iterable<TablePlan> {
    return this.#byName.values();
  }

  /** The smallest number no user table has. */
  get freeNumber(): number {
    while (this.#byNumber.has(this.#nextNumber)) this.#nextNumber += 1;
    return this.#nextNumber;
  }

  named(name: string): TablePlan | undefined {
    return this.#byName.get(name);
  }

  /** The table an id belongs to; `undefined` for a malformed id or an unknown table. */
  ofId(id: string): TablePlan | undefined {
    const number = tryTableNumber(id);
    return number === undefined ? undefined : this.#byNumber.get(number);
  }

  numbered(number: number): TablePlan | undefined {
    return this.#byNumber.get(number);
  }

  add(plan: TablePlan): void {
    this.#byName.set(plan.name, plan);
    this.#byNumber.set(plan.number, plan);
  }

  tableOf(id: string): { table: string } | "system" | undefined {
    const plan = this.ofId(id);
    if (plan === undefined) return undefined;
    return plan.visibility === "private" ? "system" : plan.reference;
  }

  fork(): Namespace {
    const fork = new Namespace(this.component, this.isValidated, this.#listed);
    for (const plan of this.#byName.values()) fork.add(plan);
    return fork;
  }
}

export class Catalog {
  readonly #namespaces = new Map<string, Namespace>();

  add(namespace: Namespace): void {
    this.#namespaces.set(namespace.component, namespace);
  }

  /** The namespace of a mounted component. */
  of(component: string): Namespace {
    return must(this.#namespaces.get(component), `component "${component}" has no namespace`);
  }

  get namespaces(): Iterable<Namespace> {
    return this.#namespaces.values();
  }

  /** Cost: O(tables). */
  fork(): Catalog {
    const fork = new Catalog();
    for (const namespace of this.#namespaces.values()) fork.add(namespace.fork());
    return fork;
  }
}
