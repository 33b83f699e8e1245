/** The bytes of files in a SQLite file. */
import { ChunkedFiles, type ChunkRows } from "../chunked-files";
import { USUAL_CHUNK_BYTES } from "../file-chunks";
import { persistenceError } from "../persistence-error";
import type { SqliteHandle } from "./sqlite-handle";

export function sqliteFiles(db: SqliteHandle): ChunkedFiles {
  return new ChunkedFiles(chunkRows(db), USUAL_CHUNK_BYTES);
}

function chunkRows(db: SqliteHandle): ChunkRows {
  const insert = db.prepare("INSERT INTO invex_files (id, chunk, bytes) VALUES (?, ?, ?)");
  const select = db.prepare("SELECT bytes FROM invex_files WHERE id = ? AND chunk = ?");
  const remove = db.prepare("DELETE FROM invex_files WHERE id = ?");
  const ids = db.prepare("SELECT DISTINCT id FROM invex_files");
  return {
    insert: (id, chunk, bytes) => {
      const { changes } = insert.run(id, chunk, bytes);
      if (Number(changes) === 1) return;
      throw persistenceError("failed", `SQLite did not write chunk ${chunk} of file "${id}".`, {
        id,
      });
    },
    // `libsql` gives buffers, the others views.
    find: (id, chunk) => {
      const [row] = select.all(id, chunk) as { bytes: Uint8Array | ArrayBuffer }[];
      return row?.bytes;
    },
    remove: (id) => void remove.run(id),
    ids: () => (ids.all() as { id: string }[]).map(({ id }) => id),
  };
}
