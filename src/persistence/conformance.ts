/**
 * What every persistence adapter has to do, as cases that any test runner can run. For people who
 * write an adapter of their own; Invex's own adapters pass the same ones.
 */
import { fileCases } from "./conformance-files";
import {
  expectSame,
  expectThrow,
  type PersistenceCase,
  type PersistenceHarness,
  rowsOf,
  withPlace,
} from "./conformance-harness";
import type { PersistentStore, RowChange } from "./persistence";

export type { PersistenceCase, PersistenceHarness, PersistencePlace } from "./conformance-harness";

/**
 * The cases of the port's contract, each independent of the others.
 *
 * @example
 * import { persistenceCases } from "invex/persistence";
 * const cases = persistenceCases({ create: () => ({ adapter: () => sqlite(new Database(newFile())) }) });
 * for (const { name, run } of cases) test(name, run);
 */
export function persistenceCases(harness: PersistenceHarness): readonly PersistenceCase[] {
  const cases = { ...storeCases, ...fileCases };
  return Object.entries(cases).map(([name, body]) => ({
    name,
    run: () => withPlace(harness, body),
  }));
}

type Opener = () => Promise<PersistentStore>;

const insert = (id: string, text: string, table = 1): RowChange => ({
  table,
  id,
  change: "insert",
  text,
});

const storeCases: Record<string, (open: Opener) => Promise<void>> = {
  "a new store is empty": async (open) => {
    const store = await open();
    expectSame([...store.meta], [], "named texts");
    expectSame(rowsOf(store, 1), [], "rows");
    expectSame([...(await store.files.ids())], [], "files");
  },

  "what was written is there after closing and opening": async (open) => {
    const store = await open();
    await store.write({
      rows: [insert("a", "A"), insert("b", "B")],
      meta: [{ name: "m", text: "1" }],
    });
    await store.close();
    const again = await open();
    expectSame([...again.meta], [["m", "1"]], "named texts");
    expectSame(
      rowsOf(again, 1),
      [
        ["a", "A"],
        ["b", "B"],
      ],
      "rows",
    );
  },

  "rows are inserted, updated and deleted": async (open) => {
    const store = await open();
    const rows = [insert("a", "A"), insert("b", "B"), insert("c", "C")];
    await store.write({ rows, meta: [] });
    await store.write({
      rows: [
        { table: 1, id: "a", change: "update", text: "A2" },
        { table: 1, id: "b", change: "delete" },
        insert("d", "D"),
      ],
      meta: [],
    });
    await store.close();
    expectSame(
      rowsOf(await open(), 1),
      [
        ["a", "A2"],
        ["c", "C"],
        ["d", "D"],
      ],
      "rows",
    );
  },

  "a named text is set again": async (open) => {
    const store = await open();
    await store.write({
      rows: [],
      meta: [
        { name: "m", text: "1" },
        { name: "n", text: "x" },
      ],
    });
    await store.write({ rows: [], meta: [{ name: "m", text: "2" }] });
    await store.close();
    expectSame(
      [...(await open()).meta].sort(),
      [
        ["m", "2"],
        ["n", "x"],
      ],
      "named texts",
    );
  },

  "tables are kept apart, also with the same ids": async (open) => {
    const store = await open();
    await store.write({ rows: [insert("a", "one", 1), insert("a", "two", 2)], meta: [] });
    await store.write({ rows: [{ table: 1, id: "a", change: "delete" }], meta: [] });
    await store.close();
    const again = await open();
    expectSame([rowsOf(again, 1), rowsOf(again, 2)], [[], [["a", "two"]]], "rows");
  },

  "texts come back as they were": async (open) => {
    const texts = ["", "'; DROP TABLE", "ünïcödé 𝄞 \u{10FFFF}", '\n\r\t"\\', "x".repeat(1_100_000)];
    const store = await open();
    const rows = texts.map((text, i) => insert(`id${i}`, text));
    await store.write({
      rows,
      meta: texts.slice(1, 5).map((text, i) => ({ name: `m${i}`, text })),
    });
    await store.close();
    const again = await open();
    expectSame(
      rowsOf(again, 1),
      texts.map((text, i) => [`id${i}`, text]),
      "rows",
    );
    expectSame(
      texts.slice(1, 5).map((_, i) => again.meta.get(`m${i}`)),
      texts.slice(1, 5),
      "named texts",
    );
  },

  "many rows are read whole, in however many batches": async (open) => {
    const rows = Array.from({ length: 5_001 }, (_, i) =>
      insert(`row${String(i).padStart(5, "0")}`, `${i}`),
    );
    const store = await open();
    await store.write({ rows, meta: [] });
    await store.close();
    expectSame(
      rowsOf(await open(), 1),
      rows.map(({ id, text }) => [id, text ?? ""]),
      "rows",
    );
  },

  "a write that fails leaves nothing behind": async (open) => {
    const store = await open();
    await store.write({ rows: [insert("a", "A")], meta: [{ name: "m", text: "1" }] });
    const contradiction = {
      rows: [insert("b", "B"), insert("a", "again")],
      meta: [{ name: "m", text: "2" }],
    };
    const failed = await expectThrow(() => store.write(contradiction)).catch(() => undefined);
    await store.close();
    const again = await open();
    // An adapter need not notice; when it does, it must have done nothing.
    if (failed === undefined) return;
    expectSame(
      [rowsOf(again, 1), again.meta.get("m")],
      [[["a", "A"]], "1"],
      "rows and named texts",
    );
  },

  "writes are in order": async (open) => {
    const store = await open();
    await store.write({ rows: [insert("a", "0")], meta: [] });
    for (let i = 1; i <= 100; i++) {
      const row: RowChange = { table: 1, id: "a", change: "update", text: String(i) };
      await store.write({ rows: [row], meta: [{ name: "m", text: String(i) }] });
    }
    await store.close();
    const again = await open();
    expectSame([rowsOf(again, 1), again.meta.get("m")], [[["a", "100"]], "100"], "the last write");
  },

  "one backend at a time": async (open) => {
    const store = await open();
    const error = await expectThrow(open);
    expectSame((error as { code?: unknown }).code, "PersistenceFailed", "the error's code");
    await store.write({ rows: [insert("a", "A")], meta: [] });
    await store.close();
    expectSame(rowsOf(await open(), 1), [["a", "A"]], "rows");
  },
};
