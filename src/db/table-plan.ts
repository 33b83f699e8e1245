/**
 * A table compiled once from its exported definition: name, number, indexes, and how its documents
 * are checked and copied. Holds no documents: `table-store.ts` does.
 */
import type { TableJSON } from "../server/schema-json";
import { tryTableNumber } from "../values/id";
import { type Spread, spreadNumber } from "../values/spread";
import type { Document } from "./document";
import { IndexPlan } from "./index-plan";
import { SearchIndexPlan } from "./search/search-index-plan";
import { VectorIndexPlan } from "./search/vector-index-plan";

/** Who may see a table: user code, user code through `db.system`, or the engine alone. */
export type TableVisibility = "user" | "system" | "private";

export interface TablePlanOptions {
  /** Path of the component instance the table belongs to; "" is the app. */
  readonly component: string;
  readonly name: string;
  /** The number its ids carry (engine.md 4.1). */
  readonly number: number;
  readonly visibility: TableVisibility;
  /** Absent: a table that no schema lists, with the two system indexes only. */
  readonly definition?: TableJSON | undefined;
  /** The commit that created it; older snapshots do not see the table. */
  readonly createdSeq: number;
  /** What user code sees of a stored document, where that differs. */
  readonly view?: ((document: Document) => Document) | undefined;
}

export class TablePlan {
  readonly component: string;
  readonly name: string;
  readonly number: number;
  readonly visibility: TableVisibility;
  /** What validators are told of the table. */
  readonly reference: { readonly table: string };
  /** Set once more, by the committer, when a table made by a first insert really comes to exist. */
  createdSeq: number;
  readonly definition: TableJSON | undefined;
  readonly view: ((document: Document) => Document) | undefined;
  /** Copies its documents. The same for all tables of a number: copies of a backend share it. */
  readonly spread: Spread;
  readonly byId: IndexPlan;
  readonly byCreationTime: IndexPlan;
  /** `byCreationTime` and the declared database indexes, at their ordinals. */
  readonly ordered: readonly IndexPlan[];
  readonly indexes: ReadonlyMap<string, IndexPlan>;
  readonly searchIndexes: ReadonlyMap<string, SearchIndexPlan>;
  readonly vectorIndexes: ReadonlyMap<string, VectorIndexPlan>;

  constructor(options: TablePlanOptions) {
    this.component = options.component;
    this.name = options.name;
    this.reference = { table: options.name };
    this.number = options.number;
    this.visibility = options.visibility;
    this.createdSeq = options.createdSeq;
    this.definition = options.definition;
    this.view = options.view;
    this.spread = spreadNumber(options.number);
    this.byId = new IndexPlan(this, "by_id", ["_id"], -1);
    this.byCreationTime = new IndexPlan(this, "by_creation_time", ["_creationTime", "_id"], 0);
    this.ordered = [this.byCreationTime, ...this.#declaredIndexes()];
    this.indexes = new Map([this.byId, ...this.ordered].map((index) => [index.name, index]));
    this.searchIndexes = this.#declaredSearchIndexes();
    this.vectorIndexes = this.#declaredVectorIndexes();
  }

  /** Whether `id` is an id of this table (of its number, that is). */
  owns(id: string): boolean {
    return tryTableNumber(id) === this.number;
  }

  #declaredIndexes(): IndexPlan[] {
    const live = this.definition?.indexes ?? [];
    const staged = this.definition?.stagedDbIndexes ?? [];
    return [...live, ...staged].map(
      ({ indexDescriptor, fields }, i) =>
        new IndexPlan(
          this,
          indexDescriptor,
          [...fields, "_creationTime", "_id"],
          i + 1,
          i >= live.length,
        ),
    );
  }

  #declaredSearchIndexes(): Map<string, SearchIndexPlan> {
    const live = this.definition?.searchIndexes ?? [];
    const staged = this.definition?.stagedSearchIndexes ?? [];
    return new Map(
      [...live, ...staged].map(({ indexDescriptor: name, searchField, filterFields }, i) => [
        name,
        new SearchIndexPlan({
          table: this,
          name,
          searchField,
          filterFields,
          staged: i >= live.length,
        }),
      ]),
    );
  }

  #declaredVectorIndexes(): Map<string, VectorIndexPlan> {
    const live = this.definition?.vectorIndexes ?? [];
    const staged = this.definition?.stagedVectorIndexes ?? [];
    return new Map(
      [...live, ...staged].map(
        ({ indexDescriptor: name, vectorField, dimensions, filterFields }, i) => [
          name,
          new VectorIndexPlan({
            table: this,
            name,
            vectorField,
            dimensions,
            filterFields,
            staged: i >= live.length,
          }),
        ],
      ),
    );
  }
}
