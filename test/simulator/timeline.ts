/**
 * One backend's data after each of its commits, as the model has it: every commit must be what its
 * mutation does when it runs alone on the state before, and nothing else. Only the scheduler's own
 * steps are taken over as they are, after a look at whether they may be.
 */
import type { Change, Commit, DiskImage, Document, Execution, History, Line } from "./history";
import { type Row, textOf } from "./interpreter";
import { JobSteps } from "./job-steps";
import { answer, EMPTY, type ModelJob, type Replay, type Run, replay, type State } from "./model";
import type { Program } from "./step";
import { marksOf } from "./world";

export class Timeline {
  readonly line: Line;
  /** After that many commits. */
  readonly states: State[];
  /** Where each execution has committed. */
  readonly committed = new Map<Execution, number>();
  readonly #history: History;
  readonly #steps: JobSteps;
  readonly #problem: (text: string) => void;
  readonly #answers = new Map<string, Map<State, Promise<string>>>();
  readonly #born = new Set<string>();

  constructor(
    line: Line,
    start: State | undefined,
    history: History,
    problem: (text: string) => void,
  ) {
    this.line = line;
    this.states = [start ?? EMPTY];
    this.#history = history;
    this.#steps = new JobSteps(history, line);
    this.#problem = (text) => problem(`${line.name}: ${text}`);
  }

  get last(): State {
    return this.states.at(-1) as State;
  }

  /** How many commits somebody has seen who stands at `ts` when there are `most`. */
  commitsAt(ts: bigint, most: number): number {
    const { commits } = this.line;
    let count = most;
    while (count > 0 && (commits[count - 1] as Commit).ts > ts) count -= 1;
    return count;
  }

  /** What a query answers after that many commits, as text: a failure begins with "!". */
  async answerAt(program: Program, commits: number): Promise<string> {
    const state = this.states[commits] as State;
    const key = JSON.stringify(program);
    const answers = this.#answers.get(key) ?? new Map<State, Promise<string>>();
    this.#answers.set(key, answers);
    const text = answers.get(state) ?? answer(program, state).then(answerText);
    answers.set(state, text);
    return text;
  }

  async follow(): Promise<void> {
    let ts = 0n;
    for (const [i, commit] of this.line.commits.entries()) {
      const isLate = commit.kind === "found" ? commit.ts < ts : commit.ts <= ts;
      if (isLate) this.#problem(`commit ${i + 1} is not later than the one before`);
      ts = commit.ts;
      this.states.push(await this.#after(commit, i));
    }
  }

  /** What an execution does when it runs alone on `state`. */
  replay(execution: Execution, state: State): Promise<Replay> {
    return replay(this.#runOf(execution, state), state);
  }

  async #after(commit: Commit, index: number): Promise<State> {
    const before = this.last;
    let state = before;
    const marks = marksOf(commit);
    for (const n of marks) state = await this.#commit(n, state, index);
    if (commit.kind === "found") return this.#comparedWithDisk(commit.image, state);
    if (marks.length > 1) this.#problem(`commit ${index + 1} is of two mutations`);
    return this.#comparedWithChanges(commit.changes, before, state, index);
  }

  async #commit(n: number, state: State, index: number): Promise<State> {
    const execution = this.#history.executions[n] as Execution;
    const { tag, end, seen, line } = execution;
    if (line !== this.line) this.#problem(`execution ${n} commits in another backend than its own`);
    if (end !== "returned") this.#problem(`execution ${n} of ${tag} commits, but it is ${end}`);
    if (this.committed.has(execution)) this.#problem(`execution ${n} of ${tag} commits twice`);
    this.committed.set(execution, index);
    const alone = await this.replay(execution, state);
    if (alone.hasFailed || textOf(alone.seen) !== seen) {
      this.#problem(
        `execution ${n} of ${tag}, commit ${index + 1}, saw ${seen}\n   but alone it sees ${textOf(alone.seen)}`,
      );
    }
    return alone.state;
  }

  #comparedWithChanges(
    changes: readonly Change[],
    before: State,
    expected: State,
    index: number,
  ): State {
    const where = `commit ${index + 1}`;
    const jobs = new Map(expected.jobs);
    const touched = new Set<string>();
    for (const { table, id, before: old, after } of changes) {
      touched.add(id);
      if (table === "items") {
        this.#same(rowText(old), rowText(before.items.get(id)), `${where}: ${id} before`);
        this.#same(rowText(after), rowText(expected.items.get(id)), `${where}: ${id} after`);
        if (old === null) this.#noteBirth(table, after);
      } else if (table === "_scheduled_functions") {
        if (old === null) this.#noteBirth(table, after);
        this.#step(jobs, id, after, where, false);
      } else if (table !== "marks") this.#problem(`${where} writes to ${table}`);
    }
    for (const id of changed(before, expected)) {
      if (!touched.has(id)) this.#problem(`${where} lacks the change of ${id}`);
    }
    return { items: expected.items, jobs };
  }

  #comparedWithDisk(image: DiskImage, expected: State): State {
    this.compareItems(image.items, expected);
    const jobs = new Map(expected.jobs);
    for (const job of image.jobs) this.#step(jobs, job._id, job, "on the disk", true);
    for (const id of expected.jobs.keys()) {
      if (!image.jobs.some(({ _id }) => _id === id))
        this.#problem(`the disk has lost the job ${id}`);
    }
    return { items: expected.items, jobs };
  }

  /** @param stored what is on the disk */
  compareItems(stored: readonly Document[], { items }: State): void {
    const ids = new Set([...items.keys(), ...stored.map(({ _id }) => _id)]);
    const rows = new Map(stored.map((row) => [row._id, row]));
    for (const id of ids)
      this.#same(rowText(rows.get(id)), rowText(items.get(id)), `on the disk: ${id}`);
  }

  /** Takes over a step of a job that no mutation explains. */
  #step(
    jobs: Map<string, ModelJob>,
    id: string,
    document: Document | null,
    where: string,
    mayBeSeveral: boolean,
  ): void {
    const expected = jobs.get(id);
    if (document === null) {
      this.#problem(`${where}: the job ${id} is removed`);
      return;
    }
    const job = jobOf(document);
    if (expected !== undefined && jobText(expected) === jobText(job)) return;
    const problem = this.#steps.problemOf(job, jobs, mayBeSeveral);
    if (problem !== undefined) this.#problem(`${where}: the job ${id} of ${job.ticket} ${problem}`);
    jobs.set(id, job);
  }

  #noteBirth(table: string, { _id, _creationTime }: Document): void {
    for (const name of [`${table} ${_id}`, `${table} at ${_creationTime}`]) {
      if (this.#born.has(name)) this.#problem(`${name} is there twice`);
      this.#born.add(name);
    }
  }

  #same(actual: string, expected: string, what: string): void {
    if (actual !== expected) this.#problem(`${what} is ${actual}, expected ${expected}`);
  }

  #runOf(execution: Execution, state: State): Run {
    const { n, program, births, nowMs, ticket, caller } = execution;
    const jobOfTicket = (wanted: string | undefined) =>
      wanted === undefined
        ? undefined
        : [...state.jobs.values()].find((job) => job.ticket === wanted)?._id;
    const ownJob = jobOfTicket(ticket);
    const parentJob = caller === undefined ? ownJob : jobOfTicket(caller.ticket);
    return { n, program, births, nowMs, ownJob, parentJob };
  }
}

export function answerText({ seen, hasFailed }: Replay): string {
  return `${hasFailed ? "!" : ""}${textOf(seen)}`;
}

export function jobOf({
  _id,
  _creationTime,
  scheduledTime,
  state,
  args,
  name,
}: Document): ModelJob {
  const { ticket } = args[0];
  const runs = name === "m.js:action" ? "action" : "mutation";
  return { _id, _creationTime, scheduledTime, state: state.kind, ticket, runs };
}

export function jobText({
  _id,
  _creationTime,
  scheduledTime,
  state,
  ticket,
  runs,
}: ModelJob): string {
  return textOf([_id, _creationTime, scheduledTime, state, ticket, runs]);
}

function rowText(row: Row | Document | null | undefined): string {
  if (row === null || row === undefined) return "nothing";
  const { _id, _creationTime, a, b, n } = row;
  return textOf([_id, _creationTime, a, b === undefined ? [] : b, n]);
}

/** The ids of what differs. */
function changed(before: State, after: State): Set<string> {
  const ids = new Set<string>();
  for (const [id, row] of after.items)
    if (rowText(before.items.get(id)) !== rowText(row)) ids.add(id);
  for (const id of before.items.keys()) if (!after.items.has(id)) ids.add(id);
  for (const [id, job] of after.jobs) {
    const old = before.jobs.get(id);
    if (old === undefined || jobText(old) !== jobText(job)) ids.add(id);
  }
  return ids;
}
