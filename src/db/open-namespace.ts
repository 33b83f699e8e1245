/** The tables a component starts with: those of its schema, and the engine's own. */
import type { SchemaJSON, TableJSON } from "../server/schema-json";
import { Namespace } from "./catalog";
import type { Document } from "./document";
import { TablePlan, type TableVisibility } from "./table-plan";

/** A table that every component instance has, whatever its schema. */
export interface SystemTable {
  readonly name: string;
  /** Unique among system tables; 513 to 9,999, so that ids never look like those of user tables. */
  readonly number: number;
  readonly visibility: Exclude<TableVisibility, "user">;
  /** Indexes for the engine's own use. */
  readonly indexes?: TableJSON["indexes"];
  /** What user code sees of a stored document, where that differs. */
  readonly view?: (document: Document) => Document;
}

/** A table that held something before: its documents' ids carry its number. */
export interface NumberedTable {
  readonly name: string;
  readonly number: number;
}

/**
 * A namespace with its tables. Tables that were there before keep their numbers, also those the
 * schema does not list (any more); the others' follow the schema's order, from 10,001 on.
 */
export function openNamespace(
  component: string,
  schema: SchemaJSON | undefined,
  systemTables: readonly SystemTable[],
  before: readonly NumberedTable[] = [],
): Namespace {
  if (before.length > 0) return createNamespace(component, schema, systemTables, before);
  const owner = schema ?? NO_SCHEMA;
  const known = templates.get(owner);
  if (known?.component === component && known.systemTables === systemTables) {
    return known.namespace.fork();
  }
  const namespace = createNamespace(component, schema, systemTables, []);
  // Listed before it is copied: what is compiled for its tables is then good for every copy.
  namespace.list();
  templates.set(owner, { component, systemTables, namespace: namespace.fork() });
  return namespace;
}

interface Template {
  readonly component: string;
  readonly systemTables: readonly SystemTable[];
  readonly namespace: Namespace;
}

/**
 * The tables of a schema, compiled once however many backends are made of it. Plans of declared
 * tables never change; tables made later are in the copies only.
 */
const templates = new WeakMap<object, Template>();
const NO_SCHEMA = {};

function createNamespace(
  component: string,
  schema: SchemaJSON | undefined,
  systemTables: readonly SystemTable[],
  before: readonly NumberedTable[],
): Namespace {
  const namespace = new Namespace(component, schema?.schemaValidation ?? false);
  const common = { component, createdSeq: 0 };
  const numbers = new Map(before.map(({ name, number }) => [name, number]));
  for (const { name, number: usual, visibility, indexes, view } of systemTables) {
    const definition = indexes && { ...NO_INDEXES, tableName: name, indexes };
    const number = numbers.get(name) ?? usual;
    namespace.add(new TablePlan({ ...common, name, number, visibility, definition, view }));
  }
  const declared = new Map((schema?.tables ?? []).map((table) => [table.tableName, table]));
  const add = (name: string, number: number) => {
    const definition = declared.get(name);
    namespace.add(new TablePlan({ ...common, name, number, visibility: "user", definition }));
  };
  for (const { name, number } of before) {
    if (namespace.named(name) === undefined) add(name, number);
  }
  for (const name of declared.keys()) {
    if (namespace.named(name) === undefined) add(name, namespace.freeNumber);
  }
  return namespace;
}

const NO_INDEXES: Omit<TableJSON, "tableName" | "indexes"> = {
  stagedDbIndexes: [],
  searchIndexes: [],
  stagedSearchIndexes: [],
  vectorIndexes: [],
  stagedVectorIndexes: [],
  documentType: { type: "any" },
};
