// Runs one random script on the real engine, interleaved by a seeded driver: handlers stop at
// gates, and the driver decides who goes on. Keeps everything that script-check.ts has to judge.

import "./paging-loaded";

import { type Backend, createBackend } from "invex";
import { defineSchema, defineTable, mutationGeneric, queryGeneric } from "invex/server";
import { v } from "invex/values";
import { SteppedClock } from "../fixtures/stepped-clock";
import { interpret, type Row, type Trace } from "../model/interpreter";
import type { State } from "../model/naive-store";
import type { Program, Script } from "../model/script";
import type { Choices } from "../model/seeds";
import { CtxAccess } from "./ctx-access";

const schema = defineSchema({
  items: defineTable({
    a: v.number(),
    b: v.optional(v.union(v.string(), v.number(), v.null(), v.int64())),
    n: v.number(),
  })
    .index("by_a", ["a"])
    .index("by_b_a", ["b", "a"]),
  marks: defineTable({ mutation: v.number() }),
});

/** One execution of a handler, committed or not. */
export interface Execution {
  readonly program: Program;
  /** Commits that its snapshot shows. */
  readonly snapshot: number;
  readonly trace: Trace;
  readonly births: Map<string, { _id: string; _creationTime: number }>;
  end: "running" | "returned" | "failed";
}

export interface Delivery {
  /** The program's trace, or "failed". */
  readonly value: unknown;
  /** Commits there were when it arrived. */
  readonly commits: number;
}

export interface Subscription {
  readonly program: Program;
  readonly since: number;
  readonly deliveries: Delivery[];
  /** Times at which everything due had been delivered. */
  readonly checkpoints: { readonly commits: number; readonly deliveries: number }[];
  isStopped: boolean;
}

export interface Question {
  readonly program: Program;
  readonly asked: number;
  answered: number;
  answer: unknown;
}

export interface CommittedChange {
  readonly table: string;
  readonly id: string;
  readonly before: Row | null;
  readonly after: Row | null;
}

export interface ScriptRun {
  readonly script: Script;
  readonly seedIds: readonly string[];
  readonly initial: State;
  /** Of every mutation, its executions in order. */
  readonly executions: readonly (readonly Execution[])[];
  readonly outcomes: readonly ("committed" | "failed")[];
  readonly commits: readonly {
    readonly ts: bigint;
    readonly changes: readonly CommittedChange[];
  }[];
  readonly subscriptions: readonly Subscription[];
  readonly questions: readonly Question[];
  readonly final: State;
}

export async function runScript(
  script: Script,
  choices: Choices,
  seed: string,
): Promise<ScriptRun> {
  const run = new ScriptRunner(script, choices, seed);
  return run.run();
}

class ScriptRunner {
  readonly #script: Script;
  readonly #choices: Choices;
  readonly #backend: Backend;
  readonly #clock = new SteppedClock();
  readonly #gates: (() => void)[] = [];
  readonly #executions: Execution[][];
  readonly #outcomes: ("committed" | "failed")[] = [];
  readonly #commits: { ts: bigint; changes: CommittedChange[] }[] = [];
  readonly #subscriptions: (Subscription & { stop(): void })[] = [];
  readonly #questions: Question[] = [];
  readonly #left = new Map<number, { program: Program; trace: Trace; execution: Execution }>();
  #seedIds: string[] = [];
  #open = 0;
  /** Queries that have begun and not ended: nothing is quiet before they have. */
  #queriesRunning = 0;

  constructor(script: Script, choices: Choices, seed: string) {
    this.#script = script;
    this.#choices = choices;
    this.#executions = script.mutations.map(() => []);
    this.#backend = createBackend({
      seed,
      schema,
      clock: this.#clock,
      modules: { m: this.#functions() },
      onLog: () => {},
    }) as unknown as Backend;
  }

  async run(): Promise<ScriptRun> {
    const initial = await this.#seed();
    this.#backend.onCommit(({ ts, changes }) => {
      this.#commits.push({ ts, changes: changes as unknown as CommittedChange[] });
    });
    await this.#drive();
    const final = await this.#allRows();
    await this.#backend.close();
    return {
      script: this.#script,
      seedIds: this.#seedIds,
      initial,
      executions: this.#executions,
      outcomes: this.#outcomes,
      commits: this.#commits,
      subscriptions: this.#subscriptions,
      questions: this.#questions,
      final,
    };
  }

  #functions() {
    const nested = async (ctx: unknown, { call }: { call: number }) => {
      const left = this.#left.get(call);
      if (left === undefined) throw new Error("nothing was left for this call");
      const access = this.#access(ctx, left.execution);
      await interpret(left.program, access, this.#seedIds, left.trace);
      return null;
    };
    return {
      top: mutationGeneric(async (ctx, { at }: { at: number }) => {
        await this.#execute(ctx, at);
        return null;
      }),
      watch: queryGeneric(async (ctx, { at }: { at: number }) => {
        this.#queriesRunning += 1;
        try {
          return (await this.#answer(ctx, at)) as never;
        } finally {
          this.#queriesRunning -= 1;
        }
      }),
      nestedMutation: mutationGeneric(nested),
      nestedQuery: queryGeneric(nested),
    };
  }

  async #execute(ctx: unknown, at: number): Promise<void> {
    const execution = this.#begin(this.#script.mutations[at] as Program);
    this.#executions[at]?.push(execution);
    try {
      await interpret(
        execution.program,
        this.#access(ctx, execution),
        this.#seedIds,
        execution.trace,
      );
      if (writes(execution.program)) await (ctx as Marking).db.insert("marks", { mutation: at });
      execution.end = "returned";
    } catch (error) {
      execution.end = "failed";
      throw error;
    }
  }

  async #answer(ctx: unknown, at: number): Promise<Trace> {
    const execution = this.#begin(this.#script.queries[at] as Program);
    await interpret(
      execution.program,
      this.#access(ctx, execution),
      this.#seedIds,
      execution.trace,
    );
    return execution.trace;
  }

  #begin(program: Program): Execution {
    return {
      program,
      snapshot: this.#commits.length,
      trace: [],
      births: new Map(),
      end: "running",
    };
  }

  #access(ctx: unknown, execution: Execution): CtxAccess {
    return new CtxAccess(ctx, {
      pass: () => new Promise((resolve) => this.#gates.push(resolve)),
      noteBirth: (label, { _id, _creationTime }) =>
        execution.births.set(label, { _id, _creationTime }),
      leave: (program, trace) => {
        this.#left.set(this.#left.size, { program, trace, execution });
        return this.#left.size - 1;
      },
    });
  }

  async #seed(): Promise<State> {
    this.#seedIds = await this.#backend.run(async (ctx) => {
      const ids: string[] = [];
      for (const { table, fields } of this.#script.seedDocuments) {
        ids.push(await ctx.db.insert(table, fields as never));
      }
      return ids;
    });
    return this.#allRows();
  }

  async #allRows(): Promise<State> {
    const state = new Map<string, { table: string; row: Row }>();
    await this.#backend.run(async (ctx) => {
      for (const table of ["items", "extra"]) {
        for (const row of await ctx.db.query(table).collect()) {
          state.set(row._id as string, { table, row: row as unknown as Row });
        }
      }
    });
    return state;
  }

  /** Begins what is to begin and opens gates, in random order, until everything has ended. */
  async #drive(): Promise<void> {
    const choices = this.#choices;
    const toBegin = this.#script.mutations.map((_, at) => at);
    for (let idle = 0; idle < 50; ) {
      const dice = choices.below(10);
      if (dice < 5 && toBegin.length > 0) this.#beginMutation(toBegin.shift() as number);
      else if (dice < 6 && toBegin.length > 0) this.#ask();
      else if (dice < 7 && toBegin.length > 0) this.#subscribeOrStop();
      else if (this.#gates.length > 0) this.#openGate();
      else if (toBegin.length === 0) idle += 1;
      if (choices.chance(0.3)) this.#clock.tick(choices.below(3) - 1);
      if (choices.chance(0.6) || this.#gates.length === 0) await this.#quiet();
      if (toBegin.length === 0 && this.#open === 0 && this.#queriesRunning === 0) {
        if (this.#gates.length === 0 && idle > 1) return;
      } else if (this.#gates.length > 0) idle = 0;
    }
    throw new Error("the script does not come to its end");
  }

  #beginMutation(at: number): void {
    this.#open += 1;
    const note = (outcome: "committed" | "failed") => {
      this.#outcomes[at] = outcome;
      this.#open -= 1;
    };
    this.#backend.mutation("m:top", { at }).then(
      () => note("committed"),
      () => note("failed"),
    );
  }

  #ask(): void {
    const at = this.#choices.below(this.#script.queries.length);
    const question: Question = {
      program: this.#script.queries[at] as Program,
      asked: this.#commits.length,
      answered: -1,
      answer: undefined,
    };
    this.#questions.push(question);
    this.#open += 1;
    const note = (answer: unknown) => {
      question.answered = this.#commits.length;
      question.answer = answer;
      this.#open -= 1;
    };
    this.#backend.query("m:watch", { at }).then(note, () => note("failed"));
  }

  #subscribeOrStop(): void {
    const choices = this.#choices;
    const running = this.#subscriptions.filter(({ isStopped }) => !isStopped);
    if (running.length > 2 && choices.chance(0.5)) {
      const subscription = choices.pick(running);
      subscription.isStopped = true;
      subscription.stop();
      return;
    }
    const at = choices.below(this.#script.queries.length);
    const deliveries: Delivery[] = [];
    const note = (value: unknown) => deliveries.push({ value, commits: this.#commits.length });
    const stop = this.#backend.subscribe("m:watch", { at }, note, () => note("failed"));
    this.#subscriptions.push({
      program: this.#script.queries[at] as Program,
      since: this.#commits.length,
      deliveries,
      checkpoints: [],
      isStopped: false,
      stop,
    });
  }

  #openGate(): void {
    const [open] = this.#gates.splice(this.#choices.below(this.#gates.length), 1);
    open?.();
  }

  /** Lets everything run until it waits for a gate; then, if no query waits, notes what is out. */
  async #quiet(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    if (this.#queriesRunning > 0) return;
    for (const { isStopped, deliveries, checkpoints } of this.#subscriptions) {
      if (isStopped) continue;
      checkpoints.push({ commits: this.#commits.length, deliveries: deliveries.length });
    }
  }
}

type Marking = { readonly db: { insert(table: string, value: unknown): Promise<unknown> } };

/** Whether a program may write; then it leaves a mark, by which its commit is known. */
export function writes(program: Program): boolean {
  return program.some((operation) => {
    if (operation.do === "nested")
      return operation.call === "mutation" && writes(operation.program);
    if (operation.do === "together") return writes(operation.program);
    return ["insert", "patch", "replace", "delete", "each"].includes(operation.do);
  });
}
