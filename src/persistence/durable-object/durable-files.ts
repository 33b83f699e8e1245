/** The bytes of files in the object's own database. */
import { ChunkedFiles } from "../chunked-files";
import { type DurableSql, MAX_VALUE_BYTES } from "./durable-storage";

export function durableFiles(sql: DurableSql): ChunkedFiles {
  return new ChunkedFiles(
    {
      insert: (id, chunk, bytes) => {
        const query = "INSERT INTO invex_files (id, chunk, bytes) VALUES (?, ?, ?)";
        sql.exec(query, id, chunk, bytes);
      },
      find: (id, chunk) => {
        const query = "SELECT bytes FROM invex_files WHERE id = ? AND chunk = ?";
        const [row] = sql.exec(query, id, chunk).toArray() as { bytes: ArrayBuffer }[];
        return row?.bytes;
      },
      remove: (id) => void sql.exec("DELETE FROM invex_files WHERE id = ?", id),
      ids: () => {
        const rows = sql.exec("SELECT id FROM invex_files WHERE chunk = 0").toArray();
        return (rows as { id: string }[]).map(({ id }) => id);
      },
    },
    MAX_VALUE_BYTES,
  );
}
