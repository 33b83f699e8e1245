/** What the conformance cases share: places to keep data in, and how a case fails. */
import type { Persistence, PersistentStore } from "./persistence";

export interface PersistenceHarness {
  /** An empty place, another one at each call. */
  create(): PersistencePlace | Promise<PersistencePlace>;
}

/** Where data is: a file, a database. */
export interface PersistencePlace {
  /** An adapter on this place, made as a new process would make it. Called again after each close. */
  adapter(): Persistence | Promise<Persistence>;
  /** Called when the case is over, whatever is still open. */
  dispose?(): void | Promise<void>;
}

export interface PersistenceCase {
  readonly name: string;
  /** Rejects with an error that says what was wrong. */
  run(): Promise<void>;
}

/** Runs one case in a place of its own; closes what it left open. */
export async function withPlace(
  harness: PersistenceHarness,
  body: (open: () => Promise<PersistentStore>) => Promise<void>,
): Promise<void> {
  const place = await harness.create();
  const opened: PersistentStore[] = [];
  try {
    await body(async () => {
      const store = await (await place.adapter()).open();
      opened.push(store);
      return store;
    });
  } finally {
    await opened.at(-1)?.close();
    await place.dispose?.();
  }
}

/** All rows of a table, by id. */
export function rowsOf(store: PersistentStore, table: number): [string, string][] {
  const rows: [string, string][] = [];
  for (const batch of store.rows(table)) for (const { id, text } of batch) rows.push([id, text]);
  return rows.sort(([a], [b]) => (a < b ? -1 : 1));
}

export function expectSame(actual: unknown, expected: unknown, what: string): void {
  const [got, wanted] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (got !== wanted) throw new Error(`${what}: expected ${short(wanted)}, got ${short(got)}`);
}

/** @returns what was thrown */
export async function expectThrow(act: () => unknown): Promise<unknown> {
  try {
    await act();
  } catch (error) {
    return error;
  }
  throw new Error("expected an error, and there was none");
}

function short(json: string | undefined): string {
  return String(json).slice(0, 300);
}
