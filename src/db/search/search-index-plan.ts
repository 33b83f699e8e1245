/** A search index of a table, compiled once from its definition. Holds no words: `text-index.ts` does. */
import type { Value } from "../../values/value";
import type { Document } from "../document";
import { type FieldReader, fieldReader } from "../index-plan";
import type { TablePlan } from "../table-plan";
import { TextProbe } from "./text-read";

export interface SearchIndexOptions {
  readonly table: TablePlan;
  readonly name: string;
  readonly searchField: string;
  readonly filterFields: readonly string[];
  /** Defined, but neither kept up to date nor queryable (engine.md 3.3). */
  readonly staged: boolean;
}

export class SearchIndexPlan {
  readonly table: TablePlan;
  readonly name: string;
  readonly searchField: string;
  readonly filterFields: readonly string[];
  readonly staged: boolean;
  readonly #readText: FieldReader;
  readonly #readFilters: readonly FieldReader[];
  readonly #probes = new Map<string, TextProbe>();

  constructor({ table, name, searchField, filterFields, staged }: SearchIndexOptions) {
    this.table = table;
    this.name = name;
    this.searchField = searchField;
    this.filterFields = filterFields;
    this.staged = staged;
    this.#readText = fieldReader(searchField);
    this.#readFilters = filterFields.map(fieldReader);
  }

  /** `table.index`, as error texts name it. */
  get descriptor(): string {
    return `${this.table.name}.${this.name}`;
  }

  /** What is searched; `undefined` for a document that can never be found. */
  textOf(document: Document): string | undefined {
    const text = this.#readText(document);
    return typeof text === "string" ? text : undefined;
  }

  /** The values of the filter fields, in their order; `undefined` is a missing field. */
  filtersOf(document: Document): readonly (Value | undefined)[] {
    return this.#readFilters.map((read) => read(document));
  }

  /** The one probe of all searches that filter by these of the filter fields. */
  probeFor(positions: readonly number[]): TextProbe {
    const name = positions.join();
    let probe = this.#probes.get(name);
    if (probe === undefined) {
      probe = new TextProbe(this, positions);
      this.#probes.set(name, probe);
    }
    return probe;
  }
}
