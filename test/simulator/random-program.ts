/** Random programs: short ones, made so that they get in each other's way. */
import type { Choices } from "../model/seeds";
import type { Bound, IndexName, ItemFields, Program, Read, Step, Target } from "./step";

const B_VALUES = [undefined, null, "x", "y", 1, 2] as const;
const BOUND_VALUES = [null, "x", "y", 1, 2] as const;
const DELAYS_MS = [0, 0, 1, 50, 1_000, 5_000, 30_000];

export class ProgramMaker {
  readonly #choices: Choices;
  /** How deep calls and jobs nest. */
  readonly #maxDepth = 2;

  /** Whether these programs are about jobs more than about documents. */
  readonly #likesJobs: boolean;

  constructor(choices: Choices) {
    this.#choices = choices;
    this.#likesJobs = choices.chance(0.25);
  }

  mutation(depth = 0): Program {
    if (this.#choices.chance(this.#likesJobs ? 0.2 : 0.04)) return this.canceling();
    const length = 1 + this.#choices.below(depth === 0 ? 4 : 2);
    const steps = Array.from({ length }, () => this.#writing(depth));
    if (depth > 0 && this.#choices.chance(0.25)) steps.push({ do: "throw" });
    // Most conflicts need a read at first and a write that depends on it at last.
    if (this.#choices.chance(0.5)) {
      const last: Step = { do: "patch", target: this.#target(), fields: { n: "sum" } };
      return withOnePage([{ do: "read", read: this.#read() }, ...steps, last]);
    }
    return withOnePage(steps);
  }

  /** @param isLive whether it may be subscribed to: where its page ends then depends on its past */
  query(isLive: boolean, depth = 0): Program {
    const length = 1 + this.#choices.below(depth === 0 ? 3 : 2);
    const steps = Array.from({ length }, () => this.#reading(depth));
    return isLive ? steps.map(withoutPage) : withOnePage(steps);
  }

  action(depth = 0): Program {
    const length = 1 + this.#choices.below(3);
    return Array.from({ length }, () => this.#acting(depth));
  }

  fields(): ItemFields {
    const b = this.#choices.pick(B_VALUES);
    const fields = { a: this.#choices.below(4), n: this.#choices.below(3) };
    return b === undefined ? fields : { ...fields, b };
  }

  /** Cancels two of all jobs. */
  canceling(): Program {
    const cancel = (): Step => ({
      do: "cancel",
      target: { of: "read", at: this.#choices.below(4) },
    });
    return [{ do: "jobs" }, cancel(), cancel()];
  }

  #writing(depth: number): Step {
    const choices = this.#choices;
    if (this.#likesJobs && choices.chance(0.4)) return this.#scheduling(depth);
    const dice = choices.below(100);
    if (dice < 22) return { do: "insert", fields: this.fields() };
    if (dice < 40) return { do: "read", read: this.#read() };
    if (dice < 44) return { do: "get", target: this.#target() };
    if (dice < 60) return { do: "patch", target: this.#target(), fields: this.#patch() };
    if (dice < 64) return { do: "replace", target: this.#target(), fields: this.fields() };
    if (dice < 70) return { do: "delete", target: this.#target() };
    if (dice < 75) return { do: "jobs" };
    if (dice < 78) return { do: "cancel", target: this.#target() };
    if (dice < 81) return { do: "throwIfMore", than: choices.below(4) };
    if (dice < 83) return { do: "throw" };
    return choices.chance(0.4) ? this.#scheduling(depth) : this.#calling(depth);
  }

  #reading(depth: number): Step {
    const dice = this.#choices.below(100);
    if (dice < 65) return { do: "read", read: this.#read() };
    if (dice < 75) return { do: "get", target: this.#target() };
    if (dice < 85) return { do: "jobs" };
    if (dice < 90 || depth >= this.#maxDepth) {
      return { do: "throwIfMore", than: this.#choices.below(4) };
    }
    const program = this.query(true, depth + 1);
    return { do: "call", kind: "query", program, catches: this.#choices.chance(0.7) };
  }

  #acting(depth: number): Step {
    const dice = this.#choices.below(100);
    if (dice < 10) return { do: "throw" };
    if (dice < (this.#likesJobs ? 60 : 30)) return this.#scheduling(depth);
    if (dice < 66 && dice >= 60)
      return { do: "cancel", target: { of: "own", at: this.#choices.below(3) } };
    return this.#calling(depth);
  }

  #calling(depth: number): Step {
    if (depth >= this.#maxDepth) return { do: "read", read: this.#read() };
    const kind = this.#choices.chance(0.75) ? "mutation" : "query";
    const program = kind === "query" ? this.query(true, depth + 1) : this.mutation(depth + 1);
    return { do: "call", kind, program, catches: this.#choices.chance(0.8) };
  }

  #scheduling(depth: number): Step {
    if (depth >= this.#maxDepth) return { do: "insert", fields: this.fields() };
    const runs = this.#choices.chance(0.6) ? "mutation" : "action";
    const program = runs === "action" ? this.action(depth + 1) : this.mutation(depth + 1);
    return { do: "schedule", runs, afterMs: this.#choices.pick(DELAYS_MS), program };
  }

  #patch(): ItemFields {
    const choices = this.#choices;
    const b = choices.pick(B_VALUES);
    return {
      ...(choices.chance(0.3) ? { a: choices.below(4) } : {}),
      ...(b !== undefined && choices.chance(0.3) ? { b } : {}),
      n: choices.chance(0.7) ? "sum" : choices.below(3),
    };
  }

  #target(): Target {
    return { of: this.#choices.pick(["read", "read", "own"]), at: this.#choices.below(4) };
  }

  #read(): Read {
    const choices = this.#choices;
    const index = choices.pick<IndexName>(["by_creation_time", "by_a", "by_a", "by_b_a", "by_b_a"]);
    const mode = choices.pick(["collect", "collect", "take", "first", "loop", "page"] as const);
    return {
      index,
      bounds: this.#bounds(index),
      order: choices.pick(["asc", "desc"]),
      mode,
      limit: 1 + choices.below(3),
    };
  }

  #bounds(index: IndexName): Bound[] {
    if (index === "by_creation_time") return [];
    const bounds: Bound[] = [];
    for (const field of index === "by_a" ? (["a"] as const) : (["b", "a"] as const)) {
      const value = () => this.#boundValue(field);
      if (this.#choices.chance(0.45)) {
        bounds.push({ type: "eq", field, value: value() });
        continue;
      }
      if (this.#choices.chance(0.4)) {
        bounds.push({ type: this.#choices.pick(["gt", "gte"]), field, value: value() });
      }
      if (this.#choices.chance(0.4)) {
        bounds.push({ type: this.#choices.pick(["lt", "lte"]), field, value: value() });
      }
      break;
    }
    return bounds;
  }

  #boundValue(field: "a" | "b"): Bound["value"] {
    return field === "a" ? this.#choices.below(5) : this.#choices.pick(BOUND_VALUES);
  }
}

/** Convex allows one page a function. */
function withOnePage(program: Program): Program {
  const first = program.find((step) => step.do === "read" && step.read.mode === "page");
  return program.map((step) => (step === first ? step : withoutPage(step)));
}

function withoutPage(step: Step): Step {
  if (step.do !== "read" || step.read.mode !== "page") return step;
  return { ...step, read: { ...step.read, mode: "take" } };
}
