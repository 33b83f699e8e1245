// Judges a run of a script: there must be one serial history, the commit order, that explains
// everything every handler saw and everything every subscription was told.

import { isDeepStrictEqual } from "node:util";
import { expect } from "vitest";
import type { Seen, Trace } from "../model/interpreter";
import { replay, type State } from "../model/naive-store";
import type { Program } from "../model/script";
import type { CommittedChange, Execution, ScriptRun, Subscription } from "./script-run";
import { writes } from "./script-run";

export async function checkRun(run: ScriptRun): Promise<void> {
  await new RunCheck(run).check();
}

class RunCheck {
  readonly #run: ScriptRun;
  /** After every commit; the first is the initial one. */
  readonly #states: State[];
  readonly #answers = new Map<Program, Map<number, unknown>>();

  constructor(run: ScriptRun) {
    this.#run = run;
    this.#states = [run.initial];
  }

  async check(): Promise<void> {
    await this.#checkCommits();
    await this.#checkExecutions();
    for (const subscription of this.#run.subscriptions) await this.#checkSubscription(subscription);
    await this.#checkQuestions();
  }

  /** Every commit is what its mutation does when it runs alone on the state before. */
  async #checkCommits(): Promise<void> {
    const { commits, seedIds } = this.#run;
    const seen = new Set<number>();
    let lastTs = 0n;
    for (const [i, { ts, changes }] of commits.entries()) {
      expect(ts, "timestamps increase").toBeGreaterThan(lastTs);
      lastTs = ts;
      const at = markOf(changes);
      expect(seen.has(at), `mutation ${at} commits once`).toBe(false);
      seen.add(at);
      const execution = this.#committed(at);
      const before = this.#states[i] as State;
      const alone = await replay(execution.program, before, execution.births, seedIds);
      expect(alone.hasFailed, `mutation ${at} fails when run alone`).toBe(false);
      same(withoutStale(execution.trace), withoutStale(alone.trace), `what mutation ${at} saw`);
      same(applied(before, changes), alone.state, `what mutation ${at} committed`);
      this.#states.push(alone.state);
    }
    same(this.#run.final, this.#states.at(-1), "the final state");
    for (const [at, outcome] of this.#run.outcomes.entries()) {
      const isMarked = writes(this.#run.script.mutations[at] as Program);
      const isExpected = outcome === "committed" && isMarked;
      expect(seen.has(at), `mutation ${at} ${outcome}`).toBe(isExpected);
    }
  }

  /** Every execution, also one that lost or failed, saw one snapshot and its own writes. */
  async #checkExecutions(): Promise<void> {
    for (const [at, executions] of this.#run.executions.entries()) {
      expect(executions.length, `executions of mutation ${at}`).toBeLessThanOrEqual(2);
      for (const { program, snapshot, births, trace, end } of executions) {
        const state = this.#states[snapshot] as State;
        const alone = await replay(program, state, births, this.#run.seedIds);
        same(trace, alone.trace, `what an execution of mutation ${at} saw of snapshot ${snapshot}`);
        expect(end, `end of mutation ${at}`).toBe(alone.hasFailed ? "failed" : "returned");
      }
    }
  }

  /** Deliveries are answers at commits in order, each different from the last, none left out. */
  async #checkSubscription({
    program,
    since,
    deliveries,
    checkpoints,
  }: Subscription): Promise<void> {
    let from = since;
    for (const [i, { value, commits }] of deliveries.entries()) {
      const at = await this.#commitThatAnswers(program, value, from, commits);
      if (at === undefined) {
        const expected = await this.#answerAt(program, commits);
        same(
          value,
          expected,
          `delivery ${i}, after ${commits} commits (none of them answers this)`,
        );
      }
      from = at as number;
      if (i > 0) expect(value, "a delivery brings news").not.toEqual(deliveries[i - 1]?.value);
      if (value !== "failed") expectFrozen(value);
    }
    for (const { commits, deliveries: count } of checkpoints) {
      const answer = await this.#answerAt(program, commits);
      same(
        deliveries[count - 1]?.value,
        answer,
        `what is out when all is quiet, commit ${commits}`,
      );
    }
  }

  async #checkQuestions(): Promise<void> {
    for (const { program, asked, answered, answer } of this.#run.questions) {
      const at = await this.#commitThatAnswers(program, answer, asked, answered);
      if (at === undefined) same(answer, await this.#answerAt(program, asked), "an answer");
    }
  }

  async #commitThatAnswers(
    program: Program,
    value: unknown,
    from: number,
    to: number,
  ): Promise<number | undefined> {
    for (let at = from; at <= to; at++) {
      if (isDeepStrictEqual(await this.#answerAt(program, at), value)) return at;
    }
    return undefined;
  }

  async #answerAt(program: Program, commits: number): Promise<unknown> {
    const answers = this.#answers.get(program) ?? new Map<number, unknown>();
    this.#answers.set(program, answers);
    if (!answers.has(commits)) {
      const state = this.#states[commits] as State;
      const { hasFailed, trace } = await replay(program, state, new Map(), this.#run.seedIds);
      answers.set(commits, hasFailed ? "failed" : trace);
    }
    return answers.get(commits);
  }

  #committed(at: number): Execution {
    return this.#run.executions[at]?.at(-1) as Execution;
  }
}

function markOf(changes: readonly CommittedChange[]): number {
  const mark = changes.find(({ table }) => table === "marks")?.after;
  return (mark as unknown as { mutation: number }).mutation;
}

function applied(state: State, changes: readonly CommittedChange[]): State {
  const next = new Map(state);
  for (const { table, id, before, after } of changes) {
    if (table === "marks") continue;
    expect(before, "what a commit says was there before").toEqual(state.get(id)?.row ?? null);
    if (after === null) next.delete(id);
    else next.set(id, { table, row: after });
  }
  return next;
}

function withoutStale(trace: Trace): Seen[] {
  return trace.map((seen) => {
    if (seen.isStale) return { what: seen.what, value: null };
    if (!seen.what.includes("nested")) return seen;
    return { ...seen, value: withoutStale(seen.value as Trace) };
  });
}

/** Compares deeply, and shows the difference when there is one. */
function same(actual: unknown, expected: unknown, what: string): void {
  if (!isDeepStrictEqual(actual, expected)) expect(actual, what).toEqual(expected);
}

function expectFrozen(value: unknown): void {
  if (typeof value !== "object" || value === null) return;
  expect(Object.isFrozen(value), "a delivery is frozen").toBe(true);
  for (const member of Object.values(value)) expectFrozen(member);
}
