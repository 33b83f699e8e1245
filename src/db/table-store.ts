/**
 * All documents of one table and its ordered indexes, readable at any version somebody still holds.
 *
 * Writes happen in place unless a live snapshot needs what they would overwrite: then documents keep
 * the old version below the new one, and index trees are cloned first (copy-on-write, DESIGN 5).
 * Knows nothing of transactions: it is handed finished changes by the committer, one commit at a time.
 */
import { assert, must } from "../shared/assert";
import { compareKeys, createOrderedMap, type OrderedMap } from "../shared/b-tree";
import type { Document, DocumentVersion } from "./document";
import { DELETED, DocumentCell } from "./document-cell";
import { encodeKeyPart } from "./index-key";
import type { IndexPlan } from "./index-plan";
import type { KeyRange } from "./key-range";
import { LayeredMap } from "./layered-map";
import type { LiveSnapshots } from "./live-snapshots";
import type { SearchIndexPlan } from "./search/search-index-plan";
import { type FrozenTexts, SearchIndexes } from "./search/search-indexes";
import { EMPTY_VERSION, type TextVersion } from "./search/text-version";
import type { VectorIndex } from "./search/vector-index";
import type { VectorIndexPlan } from "./search/vector-index-plan";
import type { TablePlan } from "./table-plan";

type Tree = OrderedMap<DocumentCell>;

/** The trees of one past version. */
interface PastTrees {
  readonly since: number;
  readonly trees: readonly Tree[];
  readonly texts: FrozenTexts | undefined;
}

/** One document's way through a commit; `undefined` is "did not / does not exist". */
export interface StoreChange {
  readonly id: string;
  readonly before: DocumentVersion | undefined;
  readonly after: DocumentVersion | undefined;
}

/** Rows pulled from an index, as two parallel arrays that are reused from scan to scan. */
export interface Rows {
  readonly keys: string[];
  readonly versions: DocumentVersion[];
}

export class TableStore {
  readonly plan: TablePlan;
  #documents = new LayeredMap<DocumentCell>();
  /** By index ordinal. */
  #trees: Tree[];
  /** The first commit these trees are good for. */
  #treesSince: number;
  /** Trees of the past, ascending, each good from its `since` to the next one's. */
  #pastTrees: PastTrees[] = [];
  #search: SearchIndexes | undefined;
  /** Built when somebody first scans by id. Holds tombstones too, so it needs no past. */
  #idTree: Tree | undefined;
  /** Cells written up to this commit are shared with forks and must not be changed. */
  #sharedUpTo = -1;
  #count = 0;

  constructor(plan: TablePlan) {
    this.plan = plan;
    this.#trees = plan.ordered.map(() => createOrderedMap<DocumentCell>());
    this.#treesSince = plan.createdSeq;
    this.#search = SearchIndexes.of(plan);
  }

  /** Documents after the latest commit. */
  get count(): number {
    return this.#count;
  }

  /** All documents after the latest commit, in no order. */
  *documents(): IterableIterator<Document> {
    for (const [, cell] of this.#documents.entries()) if (!cell.isDeleted) yield cell.document;
  }

  /** The document as of commit `seq`, as long as there is no further commit. Cost: O(1). */
  get(id: string, seq: number): DocumentVersion | undefined {
    return this.#documents.get(id)?.at(seq);
  }

  /**
   * Appends to `rows` what commit `seq` has of `index` within `range`, at most `limit` rows, from the
   * lower end or (reversed) the upper end, as long as there is no further commit. Rows whose id is in
   * `hidden` are left out.
   * Returns whether the range was seen to its end. Cost: O(log n + rows).
   */
  scan(
    index: IndexPlan,
    seq: number,
    range: KeyRange,
    options: { reversed: boolean; limit: number; hidden: ReadonlyMap<string, unknown> | undefined },
    rows: Rows,
  ): boolean {
    const tree = index === this.plan.byId ? this.#treeById() : this.#treeAt(index.ordinal, seq);
    const { reversed, limit, hidden } = options;
    const entries = reversed
      ? tree.entriesReversed(range.upper, [], true)
      : tree.entries(range.lower, []);
    let taken = 0;
    for (const [key, cell] of entries) {
      if (reversed ? key < range.lower : key >= range.upper) return true;
      const version = cell.at(seq);
      if (version === undefined || hidden?.has(version.document._id)) continue;
      if (taken === limit) return false;
      rows.keys.push(key);
      rows.versions.push(version);
      taken += 1;
    }
    return true;
  }

  /** A text index as of commit `seq`: to be read at once, as the latest changes in place. */
  textAt(index: SearchIndexPlan, seq: number): TextVersion {
    if (seq >= this.#treesSince) return must(this.#search).text(index);
    return this.#pastAt(seq)?.texts?.get(index) ?? EMPTY_VERSION;
  }

  /** A vector index as of the latest commit. */
  vectors(index: VectorIndexPlan): VectorIndex {
    return must(this.#search).vectors(index);
  }

  /**
   * Applies one commit's changes to this table.
   * @param live snapshots that must go on seeing what they saw
   * @param superseded told every cell that now holds history, or is a tombstone, to forget later
   */
  apply(
    changes: readonly StoreChange[],
    seq: number,
    live: LiveSnapshots,
    superseded: (cell: DocumentCell, id: string) => void,
  ): void {
    this.#keepTreesFor(live, seq);
    for (const change of changes) {
      if (change.before === undefined) this.#insert(change, seq);
      else this.#update(change, change.before, seq, live, superseded);
      this.#search?.write(change.before?.document, change.after?.document);
    }
  }

  /** Fills an empty table with documents written before commit `seq`. Cost: O(n log n). */
  load(versions: readonly DocumentVersion[], seq: number): void {
    assert(this.#count === 0, "load() is for an empty table");
    const cells = versions.map((version) => new DocumentCell(version, seq, undefined));
    for (const cell of cells) this.#documents.set(cell.document._id, cell);
    this.#trees = this.plan.ordered.map((index) =>
      sortedTree(cells.map((cell) => [index.keyOf(cell.document), cell])),
    );
    this.#search?.load(versions.map(({ document }) => document));
    this.#count = cells.length;
  }

  /** No snapshot reads what is below `cell` any more; a tombstone goes altogether. */
  forget(cell: DocumentCell, id: string): void {
    cell.older = undefined;
    if (!cell.isDeleted || this.#documents.get(id) !== cell) return;
    this.#documents.remove(id);
    this.#idTree?.delete(encodeKeyPart(id));
  }

  /** Drops the trees of versions that nobody reads any more. */
  forgetTrees(live: LiveSnapshots): void {
    this.#pastTrees = this.#pastTrees.filter(({ since }, i) => {
      const next = this.#pastTrees[i + 1]?.since ?? this.#treesSince;
      return live.hasWithin(since, next - 1);
    });
  }

  get hasPast(): boolean {
    return this.#pastTrees.length > 0;
  }

  /** An independent copy as of the latest commit `seq`. Cost: O(indexes). */
  fork(seq: number): TableStore {
    const fork = new TableStore(this.plan);
    fork.#documents = this.#documents.fork();
    fork.#trees = this.#trees.map((tree) => tree.clone());
    fork.#search = this.#search?.fork();
    fork.#treesSince = this.#treesSince;
    fork.#idTree = this.#idTree?.clone();
    fork.#count = this.#count;
    fork.#sharedUpTo = seq;
    this.#sharedUpTo = seq;
    return fork;
  }

  /** Throws unless indexes and documents agree with each other after the latest commit. */
  checkInvariants(): void {
    let count = 0;
    const documents: Document[] = [];
    for (const [id, cell] of this.#documents.entries()) {
      if (cell.isDeleted) continue;
      count += 1;
      documents.push(cell.document);
      assert(cell.document._id === id, `document ${id} is filed under another id`);
      for (const index of this.plan.ordered) {
        const found = must(this.#trees[index.ordinal]).get(index.keyOf(cell.document));
        assert(found === cell, `${index.descriptor} does not lead to document ${id}`);
      }
    }
    assert(
      count === this.#count,
      `${this.plan.name} counts ${this.#count} documents, has ${count}`,
    );
    for (const tree of this.#trees) {
      tree.checkValid(true);
      assert(
        tree.size === count,
        `an index of ${this.plan.name} has ${tree.size} of ${count} rows`,
      );
    }
    this.#search?.checkInvariants(documents);
  }

  #insert(change: StoreChange, seq: number): void {
    const version = must(change.after, "a change from nothing to nothing");
    const cell = new DocumentCell(version, seq, undefined);
    this.#documents.set(change.id, cell);
    this.#idTree?.set(this.plan.byId.keyOf(version.document), cell);
    for (const index of this.plan.ordered) {
      must(this.#trees[index.ordinal]).set(index.keyOf(version.document), cell);
    }
    this.#count += 1;
  }

  #update(
    change: StoreChange,
    before: DocumentVersion,
    seq: number,
    live: LiveSnapshots,
    superseded: (cell: DocumentCell, id: string) => void,
  ): void {
    const found = must(this.#documents.get(change.id), "changed document is not stored");
    const old = before.document;
    const keepOld = live.hasWithin(found.seq, seq - 1);
    const isShared = found.seq <= this.#sharedUpTo;
    const cell = isShared ? this.#unshare(found, change.id) : found;
    cell.supersede(change.after ?? DELETED, seq, keepOld);
    if (cell.older !== undefined || cell.isDeleted) superseded(cell, change.id);
    if (change.after === undefined) this.#count -= 1;
    for (const index of this.plan.ordered) {
      const tree = must(this.#trees[index.ordinal]);
      if (change.after === undefined) tree.delete(index.keyOf(old));
      else if (!index.hasSameKey(old, change.after.document)) {
        tree.delete(index.keyOf(old));
        tree.set(index.keyOf(change.after.document), cell);
      } else if (isShared) tree.set(index.keyOf(old), cell);
    }
  }

  /** A cell of our own in place of one that forks see too. */
  #unshare(shared: DocumentCell, id: string): DocumentCell {
    const cell = new DocumentCell(shared, shared.seq, shared.older);
    this.#documents.set(id, cell);
    this.#idTree?.set(this.plan.byId.keyOf(shared.document), cell);
    return cell;
  }

  #keepTreesFor(live: LiveSnapshots, seq: number): void {
    if (live.hasWithin(this.#treesSince, seq - 1)) {
      const texts = this.#search?.freeze();
      this.#pastTrees.push({ since: this.#treesSince, trees: this.#trees, texts });
      this.#trees = this.#trees.map((tree) => tree.clone());
    }
    this.#treesSince = seq;
  }

  #treeAt(ordinal: number, seq: number): Tree {
    if (seq >= this.#treesSince) return must(this.#trees[ordinal]);
    const past = this.#pastAt(seq);
    return past === undefined ? createOrderedMap() : must(past.trees[ordinal]);
  }

  #pastAt(seq: number): PastTrees | undefined {
    for (let i = this.#pastTrees.length - 1; i >= 0; i--) {
      const past = must(this.#pastTrees[i]);
      if (past.since <= seq) return past;
    }
    return undefined;
  }

  #treeById(): Tree {
    this.#idTree ??= sortedTree(
      [...this.#documents.entries()].map(([id, cell]) => [encodeKeyPart(id), cell]),
    );
    return this.#idTree;
  }
}

function sortedTree(entries: [string, DocumentCell][]): Tree {
  return createOrderedMap(entries.sort((a, b) => compareKeys(a[0], b[0])));
}
