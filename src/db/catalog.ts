/**
 * Which tables exist: one namespace a component instance, each with its own names and numbers
 * (functions.md 2.5). Tables come from schemas when a backend is made, and from the first insert
 * into a table that no schema lists.
 */
import { must } from "../shared/assert";
import { tryTableNumber } from "../values/id";
import type { IdResolver, ListedTables } from "../values/id-resolver";
import type { TablePlan } from "./table-plan";

/** A table that is no more: what commits before `droppedSeq` have is still seen by their snapshots. */
interface DroppedTable {
  readonly plan: TablePlan;
  readonly droppedSeq: number;
}

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
  #dropped: DroppedTable[] = [];
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

  /** Whether documents of a table are checked against its validator. */
  validates({ visibility }: TablePlan): boolean {
    return visibility === "user" && this.isValidated;
  }

  get tables(): Iterable<TablePlan> {
    return this.#byName.values();
  }

  /** The smallest number no user table has. */
  get freeNumber(): number {
    while (this.#byNumber.has(this.#nextNumber)) this.#nextNumber += 1;
    return this.#nextNumber;
  }

  /** The table of that name as of commit `seq`. Default: the last one decided. */
  named(name: string, seq = LAST): TablePlan | undefined {
    return this.#asOf(seq, this.#byName.get(name), (plan) => plan.name === name);
  }

  /**
   * The table an id belongs to as of commit `seq`; `undefined` for a malformed id or an unknown table.
   */
  ofId(id: string, seq = LAST): TablePlan | undefined {
    const number = tryTableNumber(id);
    return number === undefined ? undefined : this.numbered(number, seq);
  }

  numbered(number: number, seq = LAST): TablePlan | undefined {
    return this.#asOf(seq, this.#byNumber.get(number), (plan) => plan.number === number);
  }

  add(plan: TablePlan): void {
    this.#byName.set(plan.name, plan);
    this.#byNumber.set(plan.number, plan);
  }

  /** From commit `seq` on there is no such table: its name and its number are free. */
  drop(plan: TablePlan, seq: number): void {
    if (this.#byName.get(plan.name) === plan) this.#byName.delete(plan.name);
    if (this.#byNumber.get(plan.number) === plan) this.#byNumber.delete(plan.number);
    this.#dropped.push({ plan, droppedSeq: seq });
    // What was compiled for the tables of the beginning is not right any more.
    this.#listed = undefined;
  }

  /** Nobody looks back any more to when a dropped table was there. */
  forget(dropped: TablePlan): void {
    this.#dropped = this.#dropped.filter(({ plan }) => plan !== dropped);
  }

  tableOf(id: string): { table: string } | "system" | undefined {
    const plan = this.ofId(id);
    if (plan === undefined) return undefined;
    return plan.visibility === "private" ? "system" : plan.reference;
  }

  /** A copy as of commit `seq`. */
  fork(seq = LAST): Namespace {
    const fork = new Namespace(this.component, this.isValidated, this.#listed);
    for (const plan of this.#byName.values()) if (plan.createdSeq <= seq) fork.add(plan);
    for (const { plan, droppedSeq } of this.#dropped) {
      if (plan.createdSeq <= seq && seq < droppedSeq) fork.add(plan);
    }
    return fork;
  }

  #asOf(
    seq: number,
    latest: TablePlan | undefined,
    isIt: (plan: TablePlan) => boolean,
  ): TablePlan | undefined {
    if (latest !== undefined && latest.createdSeq <= seq) return latest;
    return this.#dropped.find(
      ({ plan, droppedSeq }) => isIt(plan) && plan.createdSeq <= seq && seq < droppedSeq,
    )?.plan;
  }
}

/** After every commit there is. */
const LAST = Number.MAX_SAFE_INTEGER;

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

  /** A copy as of commit `seq`. Cost: O(tables). */
  fork(seq: number): Catalog {
    const fork = new Catalog();
    for (const namespace of this.#namespaces.values()) fork.add(namespace.fork(seq));
    return fork;
  }
}
