/** What happens in a simulated world, as data that can be made smaller. */
import { Choices } from "../model/seeds";
import type { DiskFault } from "./disk";
import { ProgramMaker } from "./random-program";
import type { Program } from "./step";

export type PlannedEvent =
  /** The embedder calls a function. */
  | {
      readonly do: "call";
      readonly kind: "query" | "mutation" | "action" | "inline" | "http";
      readonly program: Program;
    }
  | { readonly do: "subscribe"; readonly program: Program }
  | { readonly do: "unsubscribe"; readonly which: number }
  /** A client's doings. */
  | { readonly do: "mutate" | "act" | "watch"; readonly client: number; readonly program: Program }
  | { readonly do: "unwatch"; readonly client: number; readonly which: number }
  | { readonly do: "cut"; readonly client: number; readonly kept: number }
  | { readonly do: "pass"; readonly ms: number }
  | { readonly do: "crash"; readonly downMs: number; readonly keeps: boolean }
  | { readonly do: "breakDisk"; readonly fault: DiskFault }
  | { readonly do: "fork" }
  /** Calls a fork, or the backend beside this one. */
  | {
      readonly do: "callOther";
      readonly which: number;
      readonly kind: "query" | "mutation" | "subscribe";
      readonly program: Program;
    };

export interface Plan {
  /** Decides ids and randomness inside the backends. */
  readonly seed: string;
  /** Decides who goes on. */
  readonly schedule: string;
  readonly hasCrons: boolean;
  readonly isLazy: boolean;
  readonly isInstant: boolean;
  readonly slowClients: boolean;
  /** In which order they begin; what they begin runs side by side. */
  readonly events: readonly PlannedEvent[];
}

export const CLIENTS = 3;

const MOST_EVENTS = 14;
const PASSES_MS = [1, 20, 300, 2_000, 7_000, 45_000];

/** The plan of a seed. */
export function randomPlan(seed: string): Plan {
  const choices = new Choices(`${seed}/plan`);
  const maker = new EventMaker(choices);
  const length = 3 + choices.below(MOST_EVENTS - 2);
  return {
    seed,
    schedule: seed,
    hasCrons: choices.chance(0.2),
    isLazy: choices.chance(0.5),
    isInstant: choices.chance(0.3),
    slowClients: choices.chance(0.25),
    events: [...maker.beginning(), ...Array.from({ length }, () => maker.next())],
  };
}

class EventMaker {
  readonly #choices: Choices;
  readonly #programs: ProgramMaker;
  /** Programs of live queries: watched by several, they are shared. */
  readonly #live: Program[];
  /** What this world is about: some worlds have no clients, some no faults. */
  readonly #weights: Readonly<Record<PlannedEvent["do"], number>>;

  constructor(choices: Choices) {
    this.#choices = choices;
    this.#programs = new ProgramMaker(choices);
    this.#live = Array.from({ length: 3 }, () => this.#programs.query(true));
    const scale = (weight: number) => (choices.chance(0.3) ? 0 : weight);
    const clients = scale(1);
    const faults = scale(1);
    const others = scale(choices.chance(0.4) ? 1 : 0);
    this.#weights = {
      call: 30,
      subscribe: scale(8),
      unsubscribe: 2,
      mutate: 16 * clients,
      act: 5 * clients,
      watch: 10 * clients,
      unwatch: 2 * clients,
      cut: scale(6 * clients),
      pass: 8,
      crash: 6 * faults,
      breakDisk: 2 * faults,
      fork: 3 * others,
      callOther: 10 * others,
    };
  }

  /** Some documents to work with, and somebody who looks. */
  beginning(): PlannedEvent[] {
    const fields = () => this.#programs.fields();
    const program: Program = [
      { do: "insert", fields: fields() },
      { do: "insert", fields: fields() },
    ];
    return [{ do: "call", kind: "inline", program }];
  }

  next(): PlannedEvent {
    const choices = this.#choices;
    const client = choices.below(CLIENTS);
    const kind = this.#pickKind();
    switch (kind) {
      case "call":
        return this.#call();
      case "subscribe":
        return { do: kind, program: choices.pick(this.#live) };
      case "unsubscribe":
        return { do: kind, which: choices.below(4) };
      case "mutate":
        return { do: kind, client, program: this.#programs.mutation() };
      case "act":
        return { do: kind, client, program: this.#programs.action() };
      case "watch":
        return { do: kind, client, program: choices.pick(this.#live) };
      case "unwatch":
        return { do: kind, client, which: choices.below(4) };
      case "cut":
        return { do: kind, client, kept: choices.below(4) };
      case "pass":
        return { do: kind, ms: choices.pick(PASSES_MS) };
      case "crash": {
        const downMs = choices.chance(0.5) ? 0 : choices.pick(PASSES_MS);
        return { do: kind, downMs, keeps: choices.chance(0.5) };
      }
      case "breakDisk":
        return { do: kind, fault: choices.pick(["before", "after"]) };
      case "fork":
        return { do: kind };
      case "callOther":
        return this.#callOther();
    }
  }

  #call(): PlannedEvent {
    const dice = this.#choices.below(100);
    const programs = this.#programs;
    if (dice < 55) return { do: "call", kind: "mutation", program: programs.mutation() };
    if (dice < 62) return { do: "call", kind: "inline", program: programs.mutation() };
    if (dice < 66) return { do: "call", kind: "http", program: programs.mutation() };
    if (dice < 82) return { do: "call", kind: "action", program: programs.action() };
    const program = this.#choices.chance(0.5)
      ? this.#choices.pick(this.#live)
      : programs.query(false);
    return { do: "call", kind: "query", program };
  }

  #callOther(): PlannedEvent {
    const which = this.#choices.below(3);
    const kind = this.#choices.pick(["mutation", "mutation", "query", "subscribe"] as const);
    if (kind !== "mutation") {
      return { do: "callOther", which, kind, program: this.#choices.pick(this.#live) };
    }
    const isCanceling = this.#choices.chance(0.3);
    const program = isCanceling ? this.#programs.canceling() : this.#programs.mutation();
    return { do: "callOther", which, kind, program };
  }

  #pickKind(): PlannedEvent["do"] {
    const entries = Object.entries(this.#weights) as [PlannedEvent["do"], number][];
    const total = entries.reduce((sum, [, weight]) => sum + weight, 0);
    let left = this.#choices.below(total);
    for (const [kind, weight] of entries) {
      left -= weight;
      if (left < 0) return kind;
    }
    return "call";
  }
}
