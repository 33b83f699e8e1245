/** Tables as the inspector's own queries describe them. */
import type { Value } from "../../values/value";

export interface TableInfo {
  readonly name: string;
  readonly isSystem: boolean;
  readonly count: number;
  /** As the schema lists them. */
  readonly fields: readonly string[];
  readonly indexes: readonly { readonly name: string; readonly fields: readonly string[] }[];
}

export interface ComponentTables {
  /** Path of the component; "" is the app. */
  readonly component: string;
  readonly tables: readonly TableInfo[];
}

export interface Row {
  readonly _id: string;
  readonly _creationTime: number;
  readonly [field: string]: Value;
}

export interface RowsPage {
  readonly rows: readonly Row[];
  /** Documents looked through. */
  readonly scanned: number;
  /** Where the next page begins. */
  readonly next: string | null;
}

/** As URLs name a table. */
export function keyOf(component: string, { name }: Pick<TableInfo, "name">): string {
  return component === "" ? name : `${component}/${name}`;
}
