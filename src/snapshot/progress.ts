/** How far an import or export has come. */

export interface SnapshotProgress {
  /** Path of the component; `""` is the app. */
  readonly component: string;
  /** `_storage`: its documents are files, with their bytes. */
  readonly table: string;
  /** Documents of the table that are read or written so far. */
  readonly documents: number;
  /** Whether that is all of them. */
  readonly isDone: boolean;
}

/** Called every thousand documents, and at the end of every table. A throw ends the operation. */
export type OnProgress = (progress: SnapshotProgress) => void;

const EVERY = 1000;

/** Counts the documents of one table. */
export class TableProgress {
  readonly #table: { readonly component: string; readonly table: string };
  readonly #onProgress: OnProgress | undefined;
  #documents = 0;

  constructor(component: string, table: string, onProgress: OnProgress | undefined) {
    this.#table = { component, table };
    this.#onProgress = onProgress;
  }

  get documents(): number {
    return this.#documents;
  }

  count(): void {
    this.#documents += 1;
    if (this.#documents % EVERY === 0) this.#tell(false);
  }

  end(): void {
    this.#tell(true);
  }

  #tell(isDone: boolean): void {
    this.#onProgress?.({ ...this.#table, documents: this.#documents, isDone });
  }
}
