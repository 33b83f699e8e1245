/** A SQLite handle that fails at one call: by throwing, or by saying that it did what it did not. */
import type { SqliteHandle, SqliteStatement, SqliteValue } from "invex/sqlite";

/** `lies`: returns what a success would look like, having done nothing. */
export type Fault = "throws" | "lies";

export class FaultySqlite implements SqliteHandle {
  readonly #db: SqliteHandle;
  readonly #fault: Fault;
  readonly #tellsTransactions: boolean;
  #untilFault = Number.POSITIVE_INFINITY;
  /** Calls so far that change something or end a transaction. */
  calls = 0;
  hasFailed = false;

  /** @param tellsTransactions whether it has `inTransaction`, which older `node:sqlite` has not */
  constructor(db: SqliteHandle, fault: Fault, tellsTransactions: boolean) {
    this.#db = db;
    this.#fault = fault;
    this.#tellsTransactions = tellsTransactions;
  }

  get inTransaction(): boolean {
    return (this.#tellsTransactions ? this.#db.inTransaction : undefined) as boolean;
  }

  /** The call after `calls` more fails, once. */
  failAfter(calls: number): void {
    this.#untilFault = calls;
  }

  exec(sql: string): unknown {
    return this.#call(
      () => this.#db.exec(sql),
      () => undefined,
    );
  }

  prepare(sql: string): SqliteStatement {
    const statement = this.#db.prepare(sql);
    return {
      run: (...parameters: SqliteValue[]) =>
        this.#call(
          () => statement.run(...parameters),
          () => ({ changes: 1 }),
        ),
      all: (...parameters: SqliteValue[]) =>
        this.#call(
          () => statement.all(...parameters),
          () => [],
        ),
    };
  }

  #call<T>(act: () => T, lie: () => T): T {
    this.calls += 1;
    this.#untilFault -= 1;
    if (this.#untilFault !== -1) return act();
    this.hasFailed = true;
    if (this.#fault === "throws") throw new Error("disk I/O error");
    return lie();
  }
}
