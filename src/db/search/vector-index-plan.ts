/** A vector index of a table, compiled once from its definition. Holds no vectors: `vector-index.ts` does. */
import type { Value } from "../../values/value";
import type { Document } from "../document";
import { type FieldReader, fieldReader } from "../index-plan";
import type { TablePlan } from "../table-plan";

export interface VectorIndexOptions {
  readonly table: TablePlan;
  readonly name: string;
  readonly vectorField: string;
  readonly dimensions: number;
  readonly filterFields: readonly string[];
  /** Defined, but neither kept up to date nor queryable (engine.md 3.3). */
  readonly staged: boolean;
}

export class VectorIndexPlan {
  readonly table: TablePlan;
  readonly name: string;
  readonly vectorField: string;
  readonly dimensions: number;
  readonly filterFields: readonly string[];
  readonly staged: boolean;
  readonly #readVector: FieldReader;
  readonly #readFilters: readonly FieldReader[];

  constructor(options: VectorIndexOptions) {
    const { table, name, vectorField, dimensions, filterFields, staged } = options;
    this.table = table;
    this.name = name;
    this.vectorField = vectorField;
    this.dimensions = dimensions;
    this.filterFields = filterFields;
    this.staged = staged;
    this.#readVector = fieldReader(vectorField);
    this.#readFilters = filterFields.map(fieldReader);
  }

  /** `table.index`, as error texts name it. */
  get descriptor(): string {
    return `${this.table.name}.${this.name}`;
  }

  /** What is compared; `undefined` for a document that can never be found (engine.md 9.2). */
  vectorOf(document: Document): readonly number[] | undefined {
    const vector = this.#readVector(document);
    if (!Array.isArray(vector) || vector.length !== this.dimensions) return undefined;
    return vector.every(Number.isFinite) ? (vector as number[]) : undefined;
  }

  /** The values of the filter fields, in their order; `undefined` is a missing field. */
  filtersOf(document: Document): readonly (Value | undefined)[] {
    return this.#readFilters.map((read) => read(document));
  }
}
