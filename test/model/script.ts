// Random programs for transactions: what a handler shall do, as data, so that the real engine and a
// naive model can both be told to do it. Everything a program does next may depend on what it read.

import type { Value } from "../../src/values/value";
import type { Choices } from "./seeds";

export type IndexName = "by_creation_time" | "by_id" | "by_a" | "by_b_a";

export interface Bound {
  readonly type: "eq" | "gt" | "gte" | "lt" | "lte";
  readonly field: string;
  readonly value: Value | undefined;
}

export interface Read {
  readonly table: string;
  /** Absent: a full scan. */
  readonly index: IndexName | undefined;
  readonly bounds: readonly Bound[];
  readonly order: "asc" | "desc";
  readonly filter: { readonly field: string; readonly atLeast: Value } | undefined;
  readonly mode: "collect" | "take" | "first" | "unique" | "loop";
  /** Rows that `take` asks for and after which `loop` breaks off. */
  readonly limit: number;
}

/** A document: one that was there at the start, a row of the last read, or one of the program's own. */
export interface Target {
  readonly of: "seed" | "row" | "own";
  readonly at: number;
}

/** New values of fields; `undefined` removes one, "sum" adds up `n` over the rows last read. */
export type Fields = Readonly<Record<string, Value | undefined>>;

export type Operation =
  | {
      readonly do: "insert";
      readonly table: string;
      readonly label: string;
      readonly fields: Fields;
    }
  | { readonly do: "get" | "delete"; readonly target: Target }
  | { readonly do: "patch" | "replace"; readonly target: Target; readonly fields: Fields }
  | { readonly do: "read"; readonly read: Read }
  /** Patches every row of an iteration while it goes on. */
  | { readonly do: "each"; readonly read: Read; readonly fields: Fields }
  | { readonly do: "page"; readonly read: Read; readonly items: number }
  | {
      readonly do: "nested";
      readonly call: "query" | "mutation" | "stale";
      readonly program: Program;
      readonly catches: boolean;
    }
  /** Begun side by side, without awaiting one before the next. */
  | { readonly do: "together"; readonly program: Program }
  | { readonly do: "gate" }
  | { readonly do: "fail" }
  | { readonly do: "failIfRows"; readonly moreThan: number };

export type Program = readonly Operation[];

export interface Script {
  readonly seedDocuments: readonly { readonly table: string; readonly fields: Fields }[];
  readonly mutations: readonly Program[];
  /** Programs that only read: subscribed to and asked. */
  readonly queries: readonly Program[];
}

export const INDEX_FIELDS: Record<IndexName, readonly string[]> = {
  by_creation_time: ["_creationTime", "_id"],
  by_id: ["_id"],
  by_a: ["a", "_creationTime", "_id"],
  by_b_a: ["b", "a", "_creationTime", "_id"],
};

const SUM = "sum";
const B_VALUES: readonly (Value | undefined)[] = [undefined, null, "x", "y", 1, 2n];

export function randomScript(choices: Choices): Script {
  const writer = new ScriptWriter(choices);
  return {
    seedDocuments: Array.from({ length: 2 + choices.below(6) }, () => ({
      table: choices.chance(0.9) ? "items" : "extra",
      fields: writer.fields(),
    })),
    mutations: Array.from({ length: 3 + choices.below(6) }, () => writer.mutation()),
    queries: Array.from({ length: 1 + choices.below(3) }, () => writer.query()),
  };
}

class ScriptWriter {
  readonly #choices: Choices;
  #labels = 0;

  constructor(choices: Choices) {
    this.#choices = choices;
  }

  mutation(depth = 0): Program {
    const length = 1 + this.#choices.below(depth === 0 ? 6 : 3);
    const program: Operation[] = Array.from({ length }, () => this.#writing(depth));
    // Most conflicts need time between a first read and a last write.
    if (depth === 0 && this.#choices.chance(0.5)) {
      const last: Operation = { do: "patch", target: this.#target(), fields: this.#patch() };
      program.unshift({ do: "read", read: this.#read() }, { do: "gate" });
      program.push(last);
    }
    return withOnePage(program);
  }

  query(depth = 0): Program {
    const length = 1 + this.#choices.below(3);
    return Array.from({ length }, () => this.#reading(depth));
  }

  fields(): Fields {
    const choices = this.#choices;
    const b = choices.pick(B_VALUES);
    const fields = { a: choices.below(4), n: choices.below(3) };
    return b === undefined ? fields : { ...fields, b };
  }

  #writing(depth: number): Operation {
    const choices = this.#choices;
    const dice = choices.below(100);
    if (dice < 18) return { do: "read", read: this.#read() };
    if (dice < 30) return this.#insert();
    if (dice < 36) return { do: "get", target: this.#target() };
    if (dice < 54) return { do: "patch", target: this.#target(), fields: this.#patch() };
    if (dice < 60) return { do: "replace", target: this.#target(), fields: this.fields() };
    if (dice < 66) return { do: "delete", target: this.#target() };
    if (dice < 70) return { do: "each", read: this.#loop(), fields: this.#patch() };
    if (dice < 72) return { do: "page", read: this.#read(), items: 1 + choices.below(4) };
    if (dice < 86) return { do: "gate" };
    if (dice < 89) return { do: "failIfRows", moreThan: choices.below(5) };
    if (dice < 90) return { do: "fail" };
    if (dice < 94) return { do: "together", program: this.#together(depth) };
    return depth < 2 ? this.#nested(depth) : { do: "gate" };
  }

  #reading(depth: number): Operation {
    const choices = this.#choices;
    const dice = choices.below(100);
    if (dice < 70 || depth > 1) return { do: "read", read: this.#read() };
    if (dice < 80) return { do: "get", target: this.#target() };
    if (dice < 85) return { do: "failIfRows", moreThan: choices.below(5) };
    if (dice < 92) return { do: "gate" };
    const program = this.query(depth + 1);
    return { do: "nested", call: "query", program, catches: choices.chance(0.7) };
  }

  #nested(depth: number): Operation {
    const choices = this.#choices;
    const call = choices.pick(["mutation", "mutation", "mutation", "query", "stale"] as const);
    const program = call === "mutation" ? this.mutation(depth + 1) : this.query(depth + 1);
    const catches = choices.chance(0.8);
    return { do: "nested", call, program: call === "stale" ? harmless(program) : program, catches };
  }

  #together(depth: number): Program {
    const choices = this.#choices;
    const program = Array.from({ length: 2 + choices.below(2) }, (): Operation => {
      const dice = choices.below(10);
      if (dice < 3) return { do: "read", read: this.#read() };
      if (dice < 6) return this.#insert();
      if (dice < 8) return { do: "patch", target: this.#target(), fields: this.#patch() };
      return depth < 2 ? this.#nested(depth) : this.#insert();
    });
    // An insert is followed by a read of what it inserted, which a nested call beside it would delay.
    const hasNested = program.some((operation) => operation.do === "nested");
    return hasNested ? program.filter((operation) => operation.do !== "insert") : program;
  }

  #insert(): Operation {
    const table = this.#choices.chance(0.8) ? "items" : "extra";
    this.#labels += 1;
    return { do: "insert", table, label: `doc${this.#labels}`, fields: this.fields() };
  }

  #patch(): Fields {
    const choices = this.#choices;
    const patch: Record<string, Value | undefined> = {};
    if (choices.chance(0.3)) patch["a"] = choices.below(4);
    if (choices.chance(0.3)) patch["b"] = choices.pick(B_VALUES);
    if (choices.chance(0.6)) patch["n"] = choices.chance(0.7) ? SUM : choices.below(3);
    return patch;
  }

  #target(): Target {
    const choices = this.#choices;
    return { of: choices.pick(["seed", "seed", "row", "row", "own"]), at: choices.below(6) };
  }

  #loop(): Read {
    return { ...this.#read(), mode: "loop" };
  }

  #read(): Read {
    const choices = this.#choices;
    const table = choices.chance(0.85) ? "items" : "extra";
    const indexes = [undefined, "by_creation_time", "by_id", "by_a", "by_a", "by_b_a", "by_b_a"];
    const index = table === "items" ? (choices.pick(indexes) as IndexName | undefined) : undefined;
    return {
      table,
      index,
      bounds: this.#bounds(index),
      order: choices.pick(["asc", "desc"]),
      filter: choices.chance(0.2) ? { field: "n", atLeast: choices.below(3) } : undefined,
      mode: choices.pick(["collect", "collect", "take", "first", "unique", "loop"]),
      limit: choices.below(4),
    };
  }

  #bounds(index: IndexName | undefined): Bound[] {
    const choices = this.#choices;
    if (index !== "by_a" && index !== "by_b_a") return [];
    const bounds: Bound[] = [];
    for (const field of index === "by_a" ? ["a"] : ["b", "a"]) {
      const value = field === "a" ? choices.below(4) : choices.pick(B_VALUES);
      if (choices.chance(0.4)) {
        bounds.push({ type: "eq", field, value });
        continue;
      }
      if (choices.chance(0.4)) bounds.push({ type: choices.pick(["gt", "gte"]), field, value });
      const upper = field === "a" ? choices.below(5) : choices.pick(B_VALUES);
      if (choices.chance(0.4))
        bounds.push({ type: choices.pick(["lt", "lte"]), field, value: upper });
      break;
    }
    return bounds;
  }
}

/** Convex allows one page a function. */
function withOnePage(program: readonly Operation[]): Operation[] {
  const first = program.findIndex((operation) => operation.do === "page");
  return program.filter((operation, i) => operation.do !== "page" || i === first);
}

/**
 * Without failures. What a stale snapshot shows has no serial place, so nothing may depend on it.
 */
function harmless(program: Program): Program {
  return program
    .filter((operation) => operation.do !== "failIfRows")
    .map((operation) =>
      operation.do === "nested"
        ? { ...operation, program: harmless(operation.program) }
        : operation,
    );
}

/** The values to write, with "sum" filled in. */
export function resolveFields(
  fields: Fields,
  rows: readonly Readonly<Record<string, Value>>[],
): Record<string, Value | undefined> {
  if (fields["n"] !== SUM) return { ...fields };
  let n = 1;
  for (const row of rows) n = (n + Number(row["n"])) % 1000;
  return { ...fields, n };
}
