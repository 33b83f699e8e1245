/**
 * An engine that is broken on purpose, in one way at a time: what of it, where, and which suites
 * should notice. Each `find` occurs exactly once in its file, so a mutant that no longer fits the
 * sources is an error and not a survivor.
 */

export interface Mutant {
  readonly name: string;
  /** The law of DESIGN 4 that it breaks. */
  readonly law: number;
  readonly file: string;
  readonly find: string;
  readonly replace: string;
  /** Further replacements in the same file. */
  readonly also?: readonly (readonly [find: string, replace: string])[];
  /** Of these at least one test must fail. */
  readonly suites: readonly string[];
}

/** The source with all replacements made; `undefined` when one does not fit exactly once. */
export function mutated(source: string, { find, replace, also = [] }: Mutant): string | undefined {
  let text = source;
  for (const [from, to] of [[find, replace], ...also] as const) {
    if (text.split(from).length !== 2) return undefined;
    text = text.replace(from, () => to);
  }
  return text;
}

const SERIAL = ["test/engine/serializable.test.ts"];

export const mutants: readonly Mutant[] = [
  // Law 1: serializable.
  {
    name: "the conflict check is skipped",
    law: 1,
    file: "src/db/committer.ts",
    find: "    return findConflict(tx.reads, since);",
    replace: "    return since.length < 0 ? findConflict(tx.reads, since) : undefined;",
    suites: SERIAL,
  },
  {
    name: "a conflict with the last commit is overlooked",
    law: 1,
    file: "src/db/committer.ts",
    find: "    return findConflict(tx.reads, since);",
    replace: "    return findConflict(tx.reads, since.slice(0, -1));",
    suites: SERIAL,
  },
  {
    name: "a document read by id is compared after its change only if it is still there",
    law: 1,
    file: "src/db/conflict.ts",
    find: "  if (reads.points.has(change.id)) return true;",
    replace: "  if (reads.points.has(change.id) && change.after !== undefined) return true;",
    suites: SERIAL,
  },
  {
    name: "leaving a range is no conflict, entering it is",
    law: 1,
    file: "src/db/conflict.ts",
    find: "  return ranges.some((range) => holds(range, before) || (next !== before && holds(range, next)));",
    replace: "  return ranges.some((range) => holds(range, next) && next !== before);",
    suites: SERIAL,
  },
  {
    name: "a snapshot shows the newest version of a document",
    law: 1,
    file: "src/db/document-cell.ts",
    find: "    while (version !== undefined && version.seq > seq) version = version.older;",
    replace: "    if (seq < 0) version = version.older;",
    suites: SERIAL,
  },
  // Law 2: exact read sets.
  {
    name: "a read range is recorded too small: without the last row pulled",
    law: 2,
    file: "src/db/read-set.ts",
    find: ": after(this.#edge);",
    replace: ": this.#edge;",
    suites: ["test/db/read-set.test.ts", ...SERIAL],
  },
  {
    name: "the end of a range is not recorded",
    law: 2,
    file: "src/db/index-scan.ts",
    find: "    this.#hasSeenEnd = true;\n    this.#record(undefined);",
    replace: "    this.#hasSeenEnd = true;",
    suites: ["test/db/read-set.test.ts", ...SERIAL],
  },
  {
    name: "an early end records the whole range",
    law: 2,
    file: "src/db/index-scan.ts",
    find: "    this.#lastKey = key;\n    this.#record(key);",
    replace: "    this.#lastKey = key;\n    this.#record(undefined);",
    suites: ["test/db/read-set.test.ts"],
  },
  {
    name: "a table that is missing is not read",
    law: 2,
    file: "src/db/transaction.ts",
    find: "    this.reads.addMissingTable(tableKey(component, name));\n    return undefined;",
    replace: "    return undefined;",
    suites: ["test/db/read-set.test.ts", ...SERIAL],
  },
  // Law 3: atomic.
  {
    name: "a nested mutation that failed is not rolled back",
    law: 3,
    file: "src/functions/transaction-runner.ts",
    find: "      tx.rollbackTo(savepoint);",
    replace: "      void savepoint;",
    suites: ["test/traps/nesting.test.ts", ...SERIAL],
  },
  {
    name: "a mutation that throws commits what it wrote",
    law: 3,
    file: "src/functions/runner.ts",
    find: "      if (!outcome.ok) {\n        tx.close();\n",
    replace: "      if (!outcome.ok) {\n        await committer.commit(tx);\n",
    suites: ["test/engine/bad-input.test.ts", ...SERIAL],
  },
  {
    name: "a job is completed in another transaction than its mutation's",
    law: 3,
    file: "src/scheduler/run-task.ts",
    find: '    finish: (tx) => {\n      isHeard = steps.finish(tx, { kind: "success", logs: [] });\n    },\n  });',
    replace:
      '    finish: () => {},\n  });\n  if (outcome.kind === "success") {\n    isHeard = await host.transact((tx) => steps.finish(tx, { kind: "success", logs: [] }));\n  }',
    suites: ["test/scheduler/jobs.test.ts", "test/scheduler/engine.test.ts"],
  },
  // Law 4: bounded retries.
  {
    name: "a mutation that runs again does not hold the turn",
    law: 4,
    file: "src/functions/runner.ts",
    find: "      const second = await this.#attempt(call, hooks, turn);",
    replace:
      "      turn.release();\n      const second = await this.#attempt(call, hooks, inherited);",
    suites: ["test/engine/contention.test.ts"],
  },
  // Law 5: subscriptions never miss and never tear.
  {
    name: "commits during a round are not compared with what it read",
    law: 5,
    file: "src/reactivity/notifier.ts",
    find: "    const missed = query.isClosed ? undefined : findConflict(run.reads, this.#arrived);",
    replace: "    const missed = findConflict(run.reads, []);",
    suites: ["test/reactivity/delivery-model.test.ts", ...SERIAL],
  },
  {
    name: "a change touches only those who read the new version",
    law: 5,
    file: "src/reactivity/invalidation.ts",
    find: "      if (before !== undefined) index.collect(before, found);",
    replace: "      if (next === undefined && before !== undefined) index.collect(before, found);",
    suites: ["test/reactivity/invalidation.test.ts"],
  },
  {
    name: "an interval's upper bound is lost in its tree",
    law: 5,
    file: "src/reactivity/interval-tree.ts",
    find: "  if (node.right !== undefined && node.right.max > max) max = node.right.max;",
    replace: "  if (node.right !== undefined && node.right.max < max) max = node.right.max;",
    suites: ["test/reactivity/interval-index.test.ts"],
  },
  {
    name: "an equal result is delivered again",
    law: 5,
    file: "src/reactivity/subscription.ts",
    find: "    if (before !== undefined && !this.#isNews(before, version)) return undefined;",
    replace: "",
    suites: ["test/reactivity/subscription.test.ts"],
  },
  {
    name: "a cached answer is believed without a look at the commits since",
    law: 5,
    file: "src/reactivity/query-cache.ts",
    find: "    if (findConflict(entry.run.reads, commits) !== undefined) return false;",
    replace: "",
    suites: ["test/reactivity/query-cache.test.ts"],
  },
  {
    name: "an answer for one caller is given to all",
    law: 8,
    file: "src/reactivity/query-cache.ts",
    find: "    const name = isPersonal ? key + caller : key;",
    replace: "    const name = key;",
    suites: ["test/reactivity/query-cache.test.ts"],
  },
  // Law 7: acknowledged means durable.
  {
    name: "commits are visible, and listeners called, before they are durable",
    law: 7,
    file: "src/db/committer.ts",
    find: "    return new Promise((resolve, reject) => {\n      const settle",
    replace:
      "    this.#database.publish(record);\n    return new Promise((resolve, reject) => {\n      const settle",
    also: [
      [
        "        this.#database.publish(record);\n        settle(undefined);",
        "        void record;\n        settle(undefined);",
      ],
    ],
    suites: ["test/db/committer.test.ts"],
  },
  {
    name: "a mutation resolves before its commit is durable",
    law: 7,
    file: "src/db/committer.ts",
    find: "      if (!this.#isFlushing) void this.#flush(this.#sink as CommitSink);",
    replace:
      "      if (!this.#isFlushing) void this.#flush(this.#sink as CommitSink);\n      settle(undefined);",
    suites: ["test/db/committer.test.ts"],
  },
  {
    name: "a backend goes on after its storage failed",
    law: 7,
    file: "src/db/committer.ts",
    find: "    if (this.#failure !== undefined) {\n      tx.close();\n      throw this.#failure;\n    }",
    replace: "",
    suites: ["test/db/committer.test.ts"],
  },
  // Law 8: nothing leaks.
  {
    name: "handlers get the store's own documents",
    law: 8,
    file: "src/db/query.ts",
    find: "  noteTableNumber(version.document._id, table.number);\n  return cloneDocument(version.document as ValueObject, version.nested) as Document;",
    replace: "  noteTableNumber(version.document._id, table.number);\n  return version.document;",
    suites: ["test/engine/ownership.test.ts"],
  },
  {
    name: "a fork shares its documents with the original",
    law: 8,
    file: "src/db/table-store.ts",
    find: "    fork.#documents = this.#documents.fork();",
    replace: "    fork.#documents = this.#documents;",
    suites: ["test/engine/fork.test.ts"],
  },
  // Law 9: untrusted input.
  {
    name: "a cursor of another query is taken",
    law: 9,
    file: "src/db/pagination.ts",
    find: "  if (decoded.fingerprint !== fingerprint) throw invalidCursor();",
    replace: "  if (decoded.fingerprint === undefined) throw invalidCursor();",
    suites: ["test/fuzz/wire.test.ts", "test/db/pagination.test.ts"],
  },
  {
    name: "a proxy's own text is asked for without care",
    law: 9,
    file: "src/shared/text-of.ts",
    find: "  try {\n    return String(value);\n  } catch {\n    return withoutText(value);\n  }",
    replace: "  void withoutText;\n  return String(value);",
    suites: ["test/fuzz/values.test.ts"],
  },
  // The order that all of it stands on.
  {
    name: "negative numbers order backwards in indexes",
    law: 1,
    file: "src/db/index-key.ts",
    find: "    high = ~high;\n    low = ~low;",
    replace: "    high = ~high;",
    suites: ["test/db/index-key.test.ts"],
  },
  {
    name: "own writes and stored rows are merged in the wrong order when reversed",
    law: 1,
    file: "src/db/transaction.ts",
    find: "(keyA !== undefined && keyA < keyB !== reversed)",
    replace: "(keyA !== undefined && keyA < keyB)",
    suites: SERIAL,
  },
  {
    name: "explain reports a bound as inclusive that is not",
    law: 2,
    file: "src/explain/read-report.ts",
    find: "    ...(from && { lower: publicBound(from, !from.isAfter) }),",
    replace: "    ...(from && { lower: publicBound(from, true) }),",
    suites: ["test/explain/explain.test.ts"],
  },
];
