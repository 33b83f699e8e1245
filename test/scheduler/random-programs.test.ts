/**
 * Random programs of schedule, cancel, throw, engine trouble and crash, run with random interleaving
 * and checked against what was promised: mutations exactly once, actions at most once, nothing lost,
 * nothing early, order by due time. A seed that fails is printed; make it a case of its own.
 */
import { describe, expect, it } from "vitest";
import type { JobDocument } from "../../src/scheduler/job";
import { createRandom, type Random } from "../../src/shared/random";
import { action, FakeBackend, type FakeCtx, mutation } from "./fake-backend";

const rows = { component: "", name: "rows" };

/** What the outside world saw: it survives crashes. */
interface World {
  nowMs: number;
  actionsBegun: Map<string, number>;
  /** Due time and creation of jobs in the order they were begun. */
  begun: { due: number; made: number; at: number }[];
  labels: number;
}

type Plan = {
  label: string;
  pauses: number;
  throws: boolean;
  children: { delay: number; plan: Plan; isAction: boolean }[];
};

class Program {
  readonly random: Random;
  readonly world: World = { nowMs: 1_000_000, actionsBegun: new Map(), begun: [], labels: 0 };
  backend: FakeBackend;
  #trouble = 0.03;

  constructor(seed: string) {
    this.random = createRandom(seed);
    this.backend = new FakeBackend({
      clock: { now: () => this.world.nowMs, schedule: () => () => {} },
      random: this.random.fork(),
      parallelism: 1 + this.pick(8),
      functions: {
        "do.js:mutation": mutation((ctx) => this.#mutation(ctx)),
        "do.js:action": action((ctx) => this.#action(ctx)),
      },
    });
    this.#disturb();
  }

  pick(below: number): number {
    return this.random.uint32() % below;
  }

  /** Runs `steps` random operations, then lets everything end in peace. */
  async run(steps: number): Promise<void> {
    for (let step = 0; step < steps; step++) {
      await this.#operation();
      await this.#pause(this.pick(30));
    }
    this.#trouble = 0;
    if (this.random.next() < 0.5) this.#crash();
    // The longest retry delay lies ahead of some jobs.
    for (let round = 0; round < 20; round++) {
      await this.backend.scheduler.runDue();
      this.world.nowMs += 8_000_000;
    }
  }

  async #operation(): Promise<void> {
    const dice = this.random.next();
    if (dice < 0.5) {
      const { plan, delay, isAction } = this.#child(0);
      const name = isAction ? "do:action" : "do:mutation";
      // The client of a process that dies never hears from it again, so nobody waits here.
      this.backend.schedule(name, delay, { plan } as never).catch(() => {});
    } else if (dice < 0.65) {
      const jobs = this.backend.jobs();
      const job = jobs[this.pick(Math.max(1, jobs.length))];
      if (job !== undefined) this.backend.cancel(job._id).catch(() => {});
    } else if (dice < 0.72) {
      this.#crash();
    } else {
      this.world.nowMs += this.pick(200);
      void this.backend.scheduler.runDue();
    }
  }

  #crash(): void {
    this.backend = this.backend.crash();
    this.#disturb();
  }

  /** Random delays at every step of the engine's, and random trouble once it has started. */
  #disturb(): void {
    const { backend } = this;
    let hasStarted = false;
    backend.scheduler.ready.then(() => {
      hasStarted = true;
    });
    backend.onStep = async () => {
      await this.#pause(this.pick(4));
      if (hasStarted && this.random.next() < this.#trouble) throw new Error("engine trouble");
    };
  }

  async #pause(turns: number): Promise<void> {
    for (let turn = 0; turn < turns; turn++) await Promise.resolve();
  }

  #child(depth: number): Plan["children"][number] {
    const count = depth < 3 ? Math.max(0, this.pick(5) - 2) : 0;
    return {
      delay: this.pick(3) === 0 ? 0 : this.pick(300),
      isAction: this.pick(3) === 0,
      plan: {
        label: `${this.world.labels++}`,
        pauses: this.pick(10),
        throws: this.pick(5) === 0,
        children: Array.from({ length: count }, () => this.#child(depth + 1)),
      },
    };
  }

  async #mutation({ tx, args, scheduler }: FakeCtx): Promise<void> {
    const plan = args.plan as Plan;
    tx.insert(rows, { label: plan.label });
    await this.#pause(plan.pauses);
    await this.#schedule(plan, scheduler);
    if (plan.throws) throw new Error("planned");
  }

  async #action({ args, scheduler }: FakeCtx): Promise<void> {
    const plan = args.plan as Plan;
    const { actionsBegun } = this.world;
    actionsBegun.set(plan.label, (actionsBegun.get(plan.label) ?? 0) + 1);
    await this.#pause(plan.pauses);
    await this.#schedule(plan, scheduler);
    if (plan.throws) throw new Error("planned");
  }

  async #schedule(plan: Plan, scheduler: FakeCtx["scheduler"]): Promise<void> {
    for (const { delay, isAction, plan: child } of plan.children) {
      await scheduler.runAfter(delay, isAction ? "do:action" : "do:mutation", { plan: child });
    }
  }
}

const planOf = (job: JobDocument) => (job.args[0] as unknown as { plan: Plan }).plan;

function check({ backend, world }: Program): void {
  const effects = new Map<unknown, number>();
  for (const { label } of backend.rows("rows")) effects.set(label, (effects.get(label) ?? 0) + 1);
  const labels = new Set<string>();
  for (const job of backend.jobs()) {
    const { label, throws } = planOf(job);
    const { kind } = job.state;
    const what = `${job.name} ${label} ${kind}`;
    expect(["success", "failed", "canceled"], what).toContain(kind);
    expect(job.completedTime, what).toBeTypeOf("number");
    expect(labels.has(label), `${what} scheduled twice`).toBe(false);
    labels.add(label);
    const begun = world.actionsBegun.get(label) ?? 0;
    if (job.name === "do.js:mutation") {
      expect(effects.get(label) ?? 0, what).toBe(kind === "success" ? 1 : 0);
      if (kind === "failed") expect(throws, what).toBe(true);
    } else {
      expect(begun, what).toBeLessThanOrEqual(1);
      if (kind === "success") expect(begun, what).toBe(1);
    }
    if (kind === "success") expect(throws, what).toBe(false);
    if (kind !== "canceled") {
      expect(job.completedTime ?? 0, `${what} early`).toBeGreaterThanOrEqual(job.scheduledTime);
    }
    // What a successful function scheduled is there, whatever happened meanwhile.
    if (kind === "success")
      for (const { plan } of planOf(job).children) labels.add(`+${plan.label}`);
  }
  for (const label of labels) {
    if (label.startsWith("+")) expect(labels.has(label.slice(1)), `${label} was lost`).toBe(true);
  }
}

const programs = Number(process.env.INVEX_FUZZ ?? 150);

describe("random programs", () => {
  it(`[JOB25] ${programs} programs keep every promise`, async () => {
    let jobs = 0;
    const kinds = new Map<string, number>();
    for (let number = 0; number < programs; number++) {
      const seed = `jobs-${number}`;
      const program = new Program(seed);
      try {
        await program.run(40);
        check(program);
        program.backend.scheduler.checkInvariants();
      } catch (error) {
        throw new Error(`seed ${seed}: ${(error as Error).message}`, { cause: error });
      }
      for (const { state } of program.backend.jobs()) {
        jobs++;
        kinds.set(state.kind, (kinds.get(state.kind) ?? 0) + 1);
      }
    }
    // The programs are worth something: every ending occurs often.
    for (const kind of ["success", "failed", "canceled"]) {
      expect(kinds.get(kind) ?? 0).toBeGreaterThan(jobs / 20);
    }
  });

  it("[JOB25] one seed run twice gives the same documents", async () => {
    const run = async () => {
      const program = new Program("twice");
      await program.run(60);
      return [program.backend.jobs(), program.backend.rows("rows")];
    };
    expect(await run()).toEqual(await run());
  });

  it("[JOB25] driven, jobs begin in order of due time, ties as they were made", async () => {
    for (const seed of ["order-1", "order-2", "order-3"]) {
      const random = createRandom(seed);
      let nowMs = 0;
      const backend = new FakeBackend({
        clock: { now: () => nowMs, schedule: () => () => {} },
        functions: { "do.js:nothing": mutation(() => {}) },
      });
      for (let job = 0; job < 300; job++)
        await backend.schedule("do:nothing", random.uint32() % 40);
      const due = new Map(
        backend.jobs().map((job) => [job._id, [job.scheduledTime, job._creationTime]]),
      );
      nowMs = 100;
      const { runs } = await backend.settle();
      const order = runs.map(({ trigger }) => due.get((trigger as { id: string }).id) ?? []);
      const sorted = [...order].sort(
        ([due1 = 0, made1 = 0], [due2 = 0, made2 = 0]) => due1 - due2 || made1 - made2,
      );
      expect(order).toEqual(sorted);
      expect(runs).toHaveLength(300);
    }
  });
});
