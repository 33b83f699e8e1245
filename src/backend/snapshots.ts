/**
 * Imports and exports of a running engine. What they are made of, ZIP among it, is loaded when the
 * first one begins: a backend without any never pays for it.
 */
import type { Committer } from "../db/committer";
import type { Database } from "../db/database";
import type { ExportSource } from "../snapshot/exporter";
import { type ImportReport, parseOptionsOf, parseSource } from "../snapshot/options";
import { streamOf } from "../storage/byte-stream";
import type { Files } from "../storage/files";

interface SnapshotsOptions {
  readonly database: Database;
  readonly committer: Committer;
  readonly files: Files;
}

type Chunks = AsyncGenerator<Uint8Array<ArrayBuffer>>;
type Bytes = ReadableStream<Uint8Array<ArrayBuffer>>;

export class Snapshots {
  readonly #parts: SnapshotsOptions;

  constructor(parts: SnapshotsOptions) {
    this.#parts = parts;
  }

  /** The archive of this very moment, made as it is read. @throws InvexError `OptionsInvalid` */
  exportSnapshot(given: unknown): Bytes {
    const options = parseOptionsOf("exportSnapshot", given);
    return this.#reading(async function* (source) {
      const { snapshotChunks } = await import("../snapshot/exporter");
      yield* snapshotChunks(source, options);
    });
  }

  /** @throws InvexError `OptionsInvalid`; a table that is not there is for the reader to hear of */
  exportTable(table: string, given: unknown): Bytes {
    const options = parseOptionsOf("exportTable", given);
    return this.#reading(async function* (source) {
      const { tableChunks } = await import("../snapshot/exporter");
      yield* tableChunks(source, table, options);
    });
  }

  async importSnapshot(source: unknown, given: unknown): Promise<ImportReport> {
    const options = parseOptionsOf("importSnapshot", given);
    const bytes = parseSource("importSnapshot", source);
    const { importSnapshot } = await import("../snapshot/importer");
    return importSnapshot(this.#parts, bytes, options);
  }

  async importTable(table: string, source: unknown, given: unknown): Promise<ImportReport> {
    const options = parseOptionsOf("importTable", given);
    const bytes = parseSource("importTable", source);
    const { importTable } = await import("../snapshot/importer");
    return importTable(this.#parts, table, bytes, options);
  }

  /** A stream that holds the version of its beginning until it ends, fails or is cancelled. */
  #reading(read: (source: ExportSource) => Chunks): Bytes {
    const { database, files } = this.#parts;
    const snapshot = database.current();
    const letGoOfFiles = files.hold();
    const chunks = read({ database, files, snapshot });
    const letGo = () => {
      snapshot.release();
      letGoOfFiles();
    };
    // Not the generator's own business: one that was never begun has no end.
    return streamOf({
      [Symbol.asyncIterator]: () => ({
        next: async () => {
          try {
            const result = await chunks.next();
            if (result.done) letGo();
            return result;
          } catch (error) {
            letGo();
            throw error;
          }
        },
        return: async () => {
          letGo();
          return chunks.return(undefined);
        },
      }),
    });
  }
}

/** A stream that is opened when somebody first reads of it. */
export function openedLater(open: () => Promise<ReadableStream<Uint8Array<ArrayBuffer>>>): Bytes {
  async function* chunks(): Chunks {
    const reader = (await open()).getReader();
    try {
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return;
        yield value;
      }
    } finally {
      // Says nothing to a stream that has ended.
      await reader.cancel();
    }
  }
  return streamOf(chunks());
}
