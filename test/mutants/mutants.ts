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
const WORLDS = ["test/simulator/simulator.test.ts"];

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
    find: "  return cloneDocument(document as ValueObject, nested, table.spread) as Document;",
    replace: "  return document;",
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
  // What only whole systems show: crashes, restarts, clients that ask again.
  {
    name: "the disk is not waited for",
    law: 7,
    file: "src/persistence/commit-writer.ts",
    find: "    return this.#store.write({ rows, meta });",
    replace: "    void this.#store.write({ rows, meta });",
    suites: WORLDS,
  },
  {
    name: "a commit reaches the disk in two parts",
    law: 7,
    file: "src/persistence/commit-writer.ts",
    find: "    return this.#store.write({ rows, meta });",
    replace:
      "    const first = this.#store.write({ rows, meta: [] });\n    const second = () => this.#store.write({ rows: [], meta });\n    return first === undefined ? second() : first.then(second);",
    suites: WORLDS,
  },
  {
    name: "the answer to a client's mutation is not recorded: asked again, it happens twice",
    law: 7,
    file: "src/sync/mutation-runs.ts",
    find: "        if (outcome.ok) recordAnswer(tx, request, { value: outcome.value, logLines });",
    replace: "        void recordAnswer;",
    suites: WORLDS,
  },
  {
    name: "a client is given the answer to another request of its session",
    law: 7,
    file: "src/sync/session-requests.ts",
    find: "  const prefix = encodeKeyPart(sessionId) + encodeKeyPart(requestId);",
    replace: "  const prefix = encodeKeyPart(sessionId);",
    suites: WORLDS,
  },
  {
    name: "a restart forgets the jobs that wait",
    law: 7,
    file: "src/scheduler/startup.ts",
    find: 'if (document.state.kind === "pending") tasks.push({ kind: "job", reference, document });',
    replace: 'if (document.state.kind === "pending") void tasks;',
    suites: WORLDS,
  },
  {
    name: "time goes back after a restart",
    law: 7,
    file: "src/backend/engine.ts",
    find: "      latest: store?.moment?.ts,",
    replace: "      latest: undefined,",
    suites: WORLDS,
  },
  {
    name: "a commit is compared only with those that are visible, not with those on their way",
    law: 1,
    file: "src/db/committer.ts",
    find: "    const since = this.#database.decidedSince(tx.snapshot.ts.seq);",
    replace:
      "    const { latest } = this.#database;\n    const since = this.#database.decidedSince(tx.snapshot.ts.seq).filter(({ ts }) => ts.seq <= latest.seq);",
    suites: WORLDS,
  },
  {
    name: "a transition says that it is newer than what it holds",
    law: 5,
    file: "src/reactivity/notifier.ts",
    find: "    return snapshot.ts;",
    replace: "    return this.#snapshots.latest;",
    suites: WORLDS,
  },
  {
    name: "a client is told of its new query set before the results are there",
    law: 5,
    file: "src/sync/session.ts",
    find: "      if (step.ticket > through) break;",
    replace: "",
    suites: WORLDS,
  },
  {
    name: "no transition follows the answer to a mutation",
    law: 5,
    file: "src/sync/session-calls.ts",
    find: "      if (!isOnItsWay) requestTransition();",
    replace: "      void isOnItsWay;",
    suites: WORLDS,
  },
  {
    name: "of two transitions that wait for a slow client, the first is forgotten",
    law: 5,
    file: "src/sync/outbox.ts",
    find: "    for (const change of changes) modifications.set(change.queryId, change);",
    replace:
      "    modifications.clear();\n    for (const change of changes) modifications.set(change.queryId, change);",
    suites: WORLDS,
  },
  {
    name: "jobs begin before their time",
    law: 3,
    file: "src/scheduler/job.ts",
    find: "  return Math.max(job.scheduledTime, Math.min(job._creationTime, nowMs));",
    replace: "  return Math.min(job.scheduledTime, Math.min(job._creationTime, nowMs));",
    suites: WORLDS,
  },
  {
    name: "an action begins before it is durable that it has",
    law: 7,
    file: "src/scheduler/run-task.ts",
    find: '  const hasBegun = await runtime.host.transact((tx) => steps.begin(tx));\n  if (!hasBegun) return { kind: "calledOff" };',
    replace: "  void runtime.host.transact((tx) => steps.begin(tx)).catch(() => {});",
    suites: WORLDS,
  },
  {
    name: "an action that a crash interrupted runs again",
    law: 7,
    file: "src/scheduler/startup.ts",
    find: '    if (document.state.kind === "inProgress") failInterrupted(tx, reference, nowMs);',
    replace:
      '    if (document.state.kind === "inProgress") {\n      const state = { kind: "pending" } as const;\n      tx.patch(jobsTable(component), document._id, { state });\n      tasks.push({ kind: "job", reference, document: { ...document, state } });\n    }',
    suites: WORLDS,
  },
  {
    name: "what a canceled action goes on to schedule runs",
    law: 3,
    file: "src/scheduler/job-store.ts",
    find: '  const isCanceled = parent?.state.kind === "canceled";',
    replace: "  const isCanceled = parent === null;",
    suites: WORLDS,
  },
  {
    name: "a cron makes up for the runs it has missed",
    law: 3,
    file: "src/scheduler/cron-schedule.ts",
    find: "    const steps = Math.max(1, Math.ceil((nowMs - previousMs) / this.#intervalMs));",
    replace: "    const steps = nowMs < 0 ? 2 : 1;",
    suites: WORLDS,
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
