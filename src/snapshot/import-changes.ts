/**
 * From the tables of an import to the one commit that brings them: documents checked against the
 * schema, given the system fields they lack, compared with what is there. Reads the latest version,
 * writes nothing: whoever calls holds the commit turn.
 */
import type { Namespace } from "../db/catalog";
import { DocumentChange } from "../db/commit-record";
import type { PreparedCommit } from "../db/committer";
import type { Database } from "../db/database";
import type { DocumentVersion } from "../db/document";
import { DocumentShape } from "../db/document-shape";
import { newDocumentId } from "../db/new-id";
import type { TablePlan } from "../db/table-plan";
import { nextUp } from "../db/timestamp";
import { STORAGE } from "../storage/file-row";
import { valuesEqual } from "../values/compare";
import { tryTableNumber } from "../values/id";
import type { Value, ValueObject } from "../values/value";
import type { ImportedTable } from "./imported-table";
import type { ImportMode } from "./options";
import { importError, messageOf } from "./snapshot-error";
import { versionsOf } from "./table-documents";
import { assignTables, type TableTarget, type TableTargets } from "./table-numbers";

/**
 * @param scope paths of the components whose absent tables `replaceAll` clears
 * @throws InvexError `ImportFailed`, naming file and line
 */
export function prepareImport(
  database: Database,
  tables: readonly ImportedTable[],
  mode: ImportMode,
  scope: Iterable<string>,
): PreparedCommit {
  const components = new Set([...scope, ...tables.map(({ component }) => component)]);
  const changes: DocumentChange[] = [];
  const createdTables: TablePlan[] = [];
  const droppedTables: TablePlan[] = [];
  for (const component of components) {
    const own = tables.filter((table) => table.component === component);
    const assigned = assignTables(database, component, own, mode);
    const made = new ComponentImport(database, component, mode, assigned).changes();
    for (const change of made) changes.push(change);
    createdTables.push(...assigned.created);
    droppedTables.push(...assigned.dropped);
  }
  return { changes, createdTables, droppedTables };
}

class ComponentImport {
  readonly #database: Database;
  readonly #mode: ImportMode;
  readonly #assigned: TableTargets;
  /** The tables as they will be: what ids in documents are checked against. */
  readonly #tables: Namespace;
  readonly #nowMs: number;
  #creationTime: number;

  constructor(database: Database, component: string, mode: ImportMode, assigned: TableTargets) {
    this.#database = database;
    this.#mode = mode;
    this.#assigned = assigned;
    this.#tables = tablesAfter(database.catalog.of(component), assigned);
    this.#nowMs = database.clock.now();
    this.#creationTime = Math.max(nextUp(database.latest.fractionalMs), this.#nowMs);
  }

  *changes(): Generator<DocumentChange> {
    for (const plan of this.#assigned.cleared) yield* ends(plan, this.#versionsOf(plan));
    for (const target of this.#assigned.targets) yield* this.#changesOf(target);
  }

  *#changesOf({ imported, existing, plan }: TableTarget): Generator<DocumentChange> {
    const old = existing === undefined ? [] : this.#versionsOf(existing);
    if (existing !== undefined && existing !== plan) yield* ends(existing, old);
    const before = new Map(
      (existing === plan ? old : []).map((version) => [version.document._id, version]),
    );
    yield* this.#rowChanges(imported, plan, before);
    // What the import did not have is left over.
    if (this.#mode !== "append") yield* ends(plan, before.values());
  }

  /** Takes out of `before` what the import has too. */
  *#rowChanges(
    imported: ImportedTable,
    plan: TablePlan,
    before: Map<string, DocumentVersion>,
  ): Generator<DocumentChange> {
    const shape = this.#shapeOf(plan);
    const ids = new Set<string>();
    const uuids =
      plan.name === STORAGE && this.#mode === "append" ? uuidsOf(before.values()) : NONE;
    for (const [i, row] of imported.rows.entries()) {
      const place = { file: imported.file, line: i + 1 };
      const version = this.#versionOf(shape, plan, row, place);
      const id = version.document._id;
      const existing = before.get(id);
      if (ids.has(id) || (existing !== undefined && this.#mode === "append")) {
        throw importError(`Row ${i + 1}: there is a document ${id} already`, {
          ...place,
          field: "_id",
        });
      }
      if (uuids.has(version.document.storageId)) {
        throw importError(`File ${id}: another one has its internalId`, { file: imported.file });
      }
      ids.add(id);
      before.delete(id);
      if (existing !== undefined && isSame(plan, existing, version)) continue;
      yield new DocumentChange(plan, id, existing, version);
    }
  }

  #versionOf(
    shape: DocumentShape,
    plan: TablePlan,
    row: ValueObject,
    place: { readonly file: string | undefined; readonly line: number },
  ): DocumentVersion {
    const _id = this.#idFor(plan, row, place);
    const _creationTime = (row._creationTime as number | undefined) ?? this.#takeCreationTime();
    try {
      return shape.create(row, { _id, _creationTime });
    } catch (cause) {
      const problem = `Row ${place.line} wasn't a valid document of table ${plan.name}: ${messageOf(cause)}`;
      throw importError(problem, place, cause);
    }
  }

  #idFor(
    plan: TablePlan,
    { _id: id }: ValueObject,
    place: { readonly file: string | undefined; readonly line: number },
  ): string {
    if (id === undefined) return newDocumentId(this.#database.random, plan.number, this.#nowMs);
    const number = tryTableNumber(id as string);
    if (number === plan.number) return id as string;
    const problem =
      number === undefined
        ? `"${id}" is not an id`
        : `conflict between ids: "${id}" has table number ${number}, and table ${plan.name} has ${plan.number}`;
    throw importError(`Row ${place.line}: ${problem}`, { ...place, field: "_id" });
  }

  #takeCreationTime(): number {
    const time = this.#database.takeCreationTime(this.#creationTime);
    this.#creationTime = nextUp(time);
    return time;
  }

  #shapeOf(plan: TablePlan): DocumentShape {
    return new DocumentShape(plan, this.#tables, this.#tables.validates(plan));
  }

  #versionsOf(plan: TablePlan): DocumentVersion[] {
    return versionsOf(this.#database, plan, this.#database.latest.seq);
  }
}

const NONE: ReadonlySet<unknown> = new Set();

function tablesAfter(namespace: Namespace, { dropped, created }: TableTargets): Namespace {
  const after = namespace.fork();
  for (const plan of dropped) after.drop(plan, 0);
  for (const plan of created) after.add(plan);
  return after;
}

function* ends(plan: TablePlan, versions: Iterable<DocumentVersion>): Generator<DocumentChange> {
  for (const version of versions) {
    yield new DocumentChange(plan, version.document._id, version, undefined);
  }
}

function uuidsOf(versions: Iterable<DocumentVersion>): ReadonlySet<unknown> {
  return new Set(Array.from(versions, ({ document }) => document.storageId));
}

/** A file with the same bytes is the same, wherever they are kept. */
function isSame(plan: TablePlan, a: DocumentVersion, b: DocumentVersion): boolean {
  if (plan.name !== STORAGE) return valuesEqual(a.document as Value, b.document as Value);
  const { blobId: _a, ...before } = a.document;
  const { blobId: _b, ...after } = b.document;
  return valuesEqual(before as Value, after as Value);
}
