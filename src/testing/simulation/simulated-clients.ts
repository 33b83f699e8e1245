/** The clients of a simulation: each makes its calls one after another, beside the others. */
import { completeIdentity } from "../../auth/identity";
import type { Engine } from "../../backend/engine";
import { printLiteral } from "../../explain/print-literal";
import { type RequestOrigin, UNKNOWN_ORIGIN } from "../../functions/call-execution";
import { durationMs } from "../../shared/duration";
import type { Value } from "../../values/value";
import { Draws, type SimulationRandom } from "./draws";
import { nameOfCall } from "./print-call";
import type { Program, Step } from "./program";
import type { SimulationClock } from "./simulation-clock";
import type { SimulatedCall, SimulatedOutcome } from "./simulation-options";
import { WatchedQuery } from "./watched-query";

export interface ClientsOptions {
  readonly engine: Engine;
  readonly clock: SimulationClock;
  readonly program: Program;
  /** The call of a step. What it throws is its author's mistake, and ends the simulation. */
  readonly generate: (operation: string, random: SimulationRandom) => SimulatedCall;
  /** Gets a line for each thing that happens. */
  readonly tell: (event: string) => void;
}

export class SimulatedClients {
  /** The calls that have ended, in that order. */
  readonly history: SimulatedOutcome[] = [];
  readonly #options: ClientsOptions;
  /** Steps not begun, by client, as positions in the program. */
  readonly #toDo: readonly number[][];
  readonly #busy = new Set<number>();
  readonly #draws = new Map<number, readonly number[]>();
  readonly #calls = new Map<number, SimulatedCall>();
  readonly #clientOf = new WeakMap<RequestOrigin, number>();
  readonly #watched: WatchedQuery[] = [];

  constructor(options: ClientsOptions) {
    const { program } = options;
    this.#options = options;
    const count = 1 + Math.max(...program.map(({ client }) => client));
    this.#toDo = Array.from({ length: count }, (_, client) =>
      program.flatMap((step, i) => (step.client === client ? [i] : [])),
    );
  }

  /** Those that could make a call now. */
  get ready(): number[] {
    return this.#toDo.flatMap((steps, client) =>
      steps.length > 0 && !this.#busy.has(client) ? [client] : [],
    );
  }

  /** Those that wait for a call to end. */
  get busy(): ReadonlySet<number> {
    return this.#busy;
  }

  get isDone(): boolean {
    return this.#busy.size === 0 && this.#toDo.every((steps) => steps.length === 0);
  }

  /** What was called, by position in the program. */
  get calls(): ReadonlyMap<number, SimulatedCall> {
    return this.#calls;
  }

  /** The program, with the random choices that were made. */
  get program(): Program {
    return this.#options.program.map((step, i) => {
      const draws = this.#draws.get(i);
      return draws === undefined ? step : { ...step, draws };
    });
  }

  /** Who made the call that an execution is of; `undefined`: nobody, it is a job or a live query. */
  ownerOf(origin: RequestOrigin): number | undefined {
    return this.#clientOf.get(origin);
  }

  /** The client's next call begins. @throws what the operation throws instead of making one */
  begin(client: number): void {
    const { program, generate, tell } = this.#options;
    const position = this.#toDo[client]?.shift() as number;
    const { operation, seed, draws } = program[position] as Step;
    const random = new Draws(seed, draws);
    const call = generate(operation, random);
    this.#draws.set(position, random.made);
    this.#calls.set(position, call);
    tell(`client ${client + 1} begins ${nameOfCall(call)}`);
    this.#busy.add(client);
    const outcome = { operation, client: client + 1, call };
    this.#perform(client, call).then(
      (value) => this.#end({ ...outcome, result: { ok: true, value } }),
      (error: Error) => this.#end({ ...outcome, result: { ok: false, error } }),
    );
  }

  /** Throws unless every subscription was told what its query answers. */
  async checkSubscriptions(): Promise<void> {
    for (const watched of this.#watched) await watched.check();
  }

  async #perform(client: number, call: SimulatedCall): Promise<Value | undefined> {
    const { engine, clock } = this.#options;
    if ("advance" in call) {
      clock.passTo(clock.now() + durationMs(call.advance));
      return undefined;
    }
    const { args, as } = call;
    const identity = as === undefined ? null : completeIdentity(as);
    if ("subscribe" in call) {
      const watched = { query: call.subscribe, args: args ?? {}, identity, client };
      this.#watched.push(new WatchedQuery(engine, watched));
      return undefined;
    }
    const origin = { ...UNKNOWN_ORIGIN };
    this.#clientOf.set(origin, client);
    const details = [args, identity, origin] as const;
    if ("query" in call) return (await engine.query(call.query, ...details)) as Value;
    if ("action" in call) return (await engine.action(call.action, ...details)) as Value;
    return (await engine.mutation(call.mutation, ...details)) as Value;
  }

  #end(outcome: SimulatedOutcome): void {
    const { client, result } = outcome;
    const what = result.ok
      ? `got ${printLiteral(result.value)}`
      : `failed: ${reason(result.error)}`;
    this.#options.tell(`client ${client} ${what}`);
    this.history.push(outcome);
    this.#busy.delete(client - 1);
  }
}

/** The first line that says something: a request id does not. */
function reason({ message }: Error): string {
  const [head = "", second] = message.trimEnd().split("\n");
  return head.startsWith("[Request ID") && second !== undefined ? second : head;
}
