/**
 * Texts that are too long for a row, in parts of their own: documents of 1 MiB are longer as JSON
 * when they hold many small numbers, control characters or bytes.
 */
import { utf8Length } from "../../values/utf8";
import { type DurableSql, MAX_VALUE_BYTES, textParts } from "./durable-storage";

/** A row, as its long text is kept under. */
export interface LongTextKey {
  readonly table: number;
  readonly id: string;
}

export class LongTexts {
  readonly #sql: DurableSql;
  /** The rows whose texts are here. Few, or none. */
  readonly #known: Set<string>;

  /** Cost: O(long texts). */
  constructor(sql: DurableSql) {
    this.#sql = sql;
    const heads = sql.exec("SELECT tbl, id FROM invex_long WHERE part = 0").raw();
    this.#known = new Set(Array.from(heads, ([table, id]) => `${table} ${id}`));
  }

  /** @returns how many parts the text takes; 0 when it fits a row */
  static parts(text: string): number {
    const isShort =
      text.length * 3 <= MAX_VALUE_BYTES ||
      (text.length <= MAX_VALUE_BYTES && utf8Length(text) <= MAX_VALUE_BYTES);
    return isShort ? 0 : textParts(text).length;
  }

  write({ table, id }: LongTextKey, text: string): void {
    for (const [part, content] of textParts(text).entries()) {
      this.#sql.exec(
        "INSERT INTO invex_long (tbl, id, part, text) VALUES (?, ?, ?, ?)",
        ...[table, id, part, content],
      );
    }
    this.#known.add(`${table} ${id}`);
  }

  read({ table, id }: LongTextKey): string {
    const query = "SELECT text FROM invex_long WHERE tbl = ? AND id = ? ORDER BY part";
    return Array.from(this.#sql.exec(query, table, id).raw(), ([text]) => text).join("");
  }

  /** Does nothing for a row whose text is not long. */
  remove({ table, id }: LongTextKey): void {
    if (!this.#known.delete(`${table} ${id}`)) return;
    this.#sql.exec("DELETE FROM invex_long WHERE tbl = ? AND id = ?", table, id);
  }
}
