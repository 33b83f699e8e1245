/**
 * One run: a program on a new backend, with every choice of who goes on made by a seed. Handlers
 * stop after each database operation (and actions after each call), due jobs start when it is
 * chosen, time passes when it is chosen; so equal seeds give equal runs.
 */
import { Engine } from "../../backend/engine";
import { createHandle } from "../../backend/handle";
import { type LoadedBackend, loadBackend } from "../../backend/load-components";
import { type ParsedOptions, parseOptions } from "../../backend/options";
import type { Backend, CommittedChange } from "../../backend/types";
import { printLiteral } from "../../explain/print-literal";
import { nextTurn, soonestTurn } from "../../shared/clock-turns";
import { durationMs } from "../../shared/duration";
import { isInvexError, userError } from "../../shared/errors";
import type { SimulationRandom } from "./draws";
import { type Gate, Gates } from "./gates";
import { type Move, MoveChooser } from "./moves";
import type { Program } from "./program";
import { SimulatedClients } from "./simulated-clients";
import { SimulationClock } from "./simulation-clock";
import type { SimulatedCall, SimulationOptions } from "./simulation-options";

const URL = "http://invex.localhost";

/** Turns in which nothing could be chosen, before it is clear that nothing will be. */
const QUIET_TURNS = 3;
/** Turns, of a millisecond or so, to wait for what the simulation does not drive. */
const PATIENCE = 1_000;
const DEFAULT_REST = { minutes: 1 };

export interface RunResult {
  /** Why the run failed. */
  readonly failure: Error | undefined;
  /** The program with the random choices that its calls were made from. */
  readonly program: Program;
  /** The calls, by position in the program; those that were not made are missing. */
  readonly calls: ReadonlyMap<number, SimulatedCall>;
  /** What happened, in order, for people. */
  readonly events: readonly string[];
  readonly choices: number;
  readonly commits: number;
}

export interface RunPlan {
  readonly program: Program;
  /** Decides who goes on. */
  readonly schedule: string;
  /** Decides ids, randomness and the like inside the backend. */
  readonly seed: string;
}

/** What all runs have in common: the options, and what they are loaded into. */
export interface Simulation<Context> {
  readonly options: SimulationOptions<Context>;
  readonly parsed: ParsedOptions;
  readonly loaded: LoadedBackend;
}

/** @throws InvexError `OptionsInvalid`, `SchemaInvalid`, `ModuleInvalid` */
export async function prepareSimulation<Context>(
  options: SimulationOptions<Context>,
): Promise<Simulation<Context>> {
  const { schema, modules, components, env, limits, onLog = () => {} } = options;
  const parsed = parseOptions({ schema, modules, components, env, limits, onLog });
  const loaded = await loadBackend(parsed);
  await loadLateParts(Engine.create(parsed, loaded));
  return { options, parsed, loaded };
}

/** What an engine loads when it is first needed would make the first run wait, and no other. */
async function loadLateParts(engine: Engine): Promise<void> {
  await handleOf(engine).run(async (ctx) => {
    await ctx.db.query("none").paginate({ numItems: 1, cursor: null });
    await ctx.storage.generateUploadUrl();
  });
  await engine.close();
}

/** Never rejects for what the functions do; rejects when `setup` or an operation itself throws. */
export async function runProgram<Context>(
  simulation: Simulation<Context>,
  plan: RunPlan,
): Promise<RunResult> {
  const run = await SimulationRun.start(simulation, plan);
  return run.toEnd();
}

/** Whether a run failed for want of an end: others like it would take as long. */
export function isEndless({ failure }: RunResult): boolean {
  return isInvexError(failure) && failure.fields.isEndless === true;
}

interface RunParts<Context> {
  readonly engine: Engine;
  readonly gates: Gates;
  readonly clock: SimulationClock;
  readonly context: Context;
}

class SimulationRun<Context> {
  readonly #options: SimulationOptions<Context>;
  readonly #engine: Engine;
  readonly #gates: Gates;
  readonly #clock: SimulationClock;
  readonly #context: Context;
  readonly #clients: SimulatedClients;
  readonly #chooser: MoveChooser;
  readonly #events: string[] = [];
  /** Copies of the backend after commits, to be checked. */
  readonly #copies: Engine[] = [];
  #commits = 0;
  /** How far time passes when nobody has anything to do any more. */
  #endMs: number | undefined;
  /** What an operation threw instead of making a call: no failure of the functions. */
  #mistake: { readonly error: unknown } | undefined;

  static async start<Context>({ options, parsed, loaded }: Simulation<Context>, plan: RunPlan) {
    const gates = new Gates();
    const clock = new SimulationClock();
    const engine = Engine.create({ ...parsed, clock, seed: plan.seed, pace: gates }, loaded);
    await engine.ready;
    const context = (await options.setup?.(handleOf(engine))) as Context;
    await engine.settle();
    return new SimulationRun(options, plan, { engine, gates, clock, context });
  }

  private constructor(
    options: SimulationOptions<Context>,
    { program, schedule }: RunPlan,
    { engine, gates, clock, context }: RunParts<Context>,
  ) {
    this.#options = options;
    this.#engine = engine;
    this.#gates = gates;
    this.#clock = clock;
    this.#context = context;
    this.#chooser = new MoveChooser(schedule);
    this.#clients = new SimulatedClients({
      engine,
      clock,
      program,
      generate: (operation, random) => this.#generate(operation, random),
      tell: (event) => this.#events.push(event),
    });
  }

  async toEnd(): Promise<RunResult> {
    this.#engine.onCommit(({ changes }) => this.#onCommit(changes));
    this.#gates.isOpen = false;
    const failure = await this.#drive().then(() => undefined, asError);
    await this.#stop();
    if (this.#mistake !== undefined) throw this.#mistake.error;
    const { program, calls } = this.#clients;
    const { count: choices } = this.#chooser;
    return { failure, program, calls, events: this.#events, choices, commits: this.#commits };
  }

  async #drive(): Promise<void> {
    for (let idleTurns = 0; !(this.#isAtRest && idleTurns > QUIET_TURNS); idleTurns++) {
      await (idleTurns > QUIET_TURNS ? nextTurn() : soonestTurn());
      await this.#checkCopies();
      const moves = this.#moves();
      if (idleTurns > PATIENCE) throw this.#stuck();
      if (moves.length === 0) continue;
      this.#make(this.#chooser.choose(moves));
      idleTurns = -1;
    }
    await this.#gates.whileOpen(() => this.#checkEnd());
  }

  #moves(): Move[] {
    const moves: Move[] = [
      ...this.#clients.ready.map((client): Move => ({ kind: "begin", client })),
      ...this.#gates.waiting.map((gate): Move => ({ kind: "goOn", gate })),
    ];
    if (this.#clock.isDue) moves.push({ kind: "wake" });
    const toMs = this.#timeToPass(moves.length > 0);
    return toMs === undefined ? moves : [...moves, { kind: "pass", toMs }];
  }

  /** To when something is due next: now and then, and to the last when there is nothing else to do. */
  #timeToPass(isBusy: boolean): number | undefined {
    const next = this.#clock.nextWake();
    if (next === undefined || next <= this.#clock.now()) return undefined;
    if (isBusy) return this.#chooser.letsTimePass() ? next : undefined;
    if (!this.#clients.isDone) return undefined;
    this.#endMs ??= this.#clock.now() + durationMs(this.#options.rest ?? DEFAULT_REST);
    return next <= this.#endMs ? next : undefined;
  }

  #make(move: Move): void {
    if (move.kind === "begin") this.#clients.begin(move.client);
    else if (move.kind === "goOn") this.#goOn(move.gate);
    else if (move.kind === "wake") this.#clock.wakeFirst();
    else this.#pass(move.toMs);
  }

  #goOn(gate: Gate): void {
    const { execution, target } = gate;
    const client = this.#clients.ownerOf(execution.origin);
    const other = execution.kind === "query" ? "a live query" : "a job";
    const who = client === undefined ? other : `client ${client + 1}`;
    this.#events.push(`${who}, ${target.path.display}, goes on`);
    gate.open();
  }

  #pass(toMs: number): void {
    this.#events.push(`time passes to ${new Date(toMs).toISOString()}`);
    this.#clock.passTo(toMs);
  }

  #generate(operation: string, random: SimulationRandom): SimulatedCall {
    try {
      return this.#options.operations[operation]?.(random, this.#context) as SimulatedCall;
    } catch (error) {
      this.#mistake = { error };
      throw error;
    }
  }

  #onCommit(changes: readonly CommittedChange[]): void {
    this.#commits += 1;
    const shown = changes.filter(({ table }) => !table.startsWith("_")).map(printChange);
    if (shown.length > 0) this.#events.push(`commit: ${shown.join("; ")}`);
    const isChecked = this.#options.always !== undefined && !this.#gates.isOpen;
    if (isChecked) this.#copies.push(this.#engine.fork());
  }

  /** Everybody stands before a gate now, so opening them for the check lets nobody through. */
  async #checkCopies(): Promise<void> {
    for (const copy of this.#copies.splice(0)) {
      const { always } = this.#options;
      const check = () => always?.(handleOf(copy), this.#context);
      const verdict = await this.#gates.whileOpen(check);
      await copy.close();
      if (verdict === false) throw broken("`always` does not hold after a commit.");
    }
  }

  async #checkEnd(): Promise<void> {
    await this.#engine.settle();
    await this.#clients.checkSubscriptions();
    const { history } = this.#clients;
    const verdict = await this.#options.invariant?.(handleOf(this.#engine), history, this.#context);
    if (verdict === false) throw broken("`invariant` does not hold.");
  }

  /** Whoever still waits goes on, and nothing new begins. */
  async #stop(): Promise<void> {
    this.#gates.isOpen = true;
    for (const gate of [...this.#gates.waiting]) gate.open();
    const closed = this.#engine.close();
    // Functions that wait for ever would keep it from closing.
    await Promise.race([closed, nextTurn()]);
  }

  get #isAtRest(): boolean {
    return this.#clients.isDone && !this.#engine.scheduler.isRunning;
  }

  #stuck(): Error {
    const clients = [...this.#clients.busy].map((client) => `Client ${client + 1}`).join(", ");
    return userError(
      "SimulationFailed",
      `${clients || "A scheduled function"} waits for something that the simulation does not drive, such as a fetch that does not answer or a timer.`,
      { isEndless: true },
    );
  }
}

function handleOf(engine: Engine): Backend {
  return createHandle(engine, URL);
}

function printChange({ table, before, after }: CommittedChange): string {
  if (after === null) return `${table} - ${printLiteral(before ?? undefined)}`;
  return `${table} ${before === null ? "+" : "="} ${printLiteral(after)}`;
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

function broken(message: string): Error {
  return userError("SimulationFailed", message);
}
