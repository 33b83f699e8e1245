// Makes the transcripts of two targets comparable without hiding a difference in behaviour: ids
// become numbers in order of appearance, creation times their rank, cursors a mark, stack frames
// disappear. Everything else stays as it was answered.

import type { Entry, Outcome } from "./step";

const INVEX_ID = /\b[0-9a-hjkmnp-tv-z]{31,37}\b/g;
const MOCK_ID = /\b\d{5,}[A-Za-z_][A-Za-z_ ]*/g;
const CURSOR_FIELDS = new Set(["continueCursor", "splitCursor"]);

export type IdForm = "invex" | "mock";

export interface ComparableEntry {
  readonly call: string;
  readonly outcome: unknown;
}

export function comparable(entries: readonly Entry[], form: IdForm): ComparableEntry[] {
  const normalizer = new Normalizer(entries, form);
  return entries.map(({ step, outcome }) => ({
    call: `${step.kind} ${step.path}`,
    outcome: normalizer.outcome(outcome),
  }));
}

/** For a comparison in which only the fact of a plain error counts, not its wording. */
export function withoutErrorTexts(entries: readonly ComparableEntry[]): ComparableEntry[] {
  return entries.map(({ call, outcome }) => {
    const failed = typeof outcome === "object" && outcome !== null && "error" in outcome;
    return { call, outcome: failed ? { error: "(some text)" } : outcome };
  });
}

class Normalizer {
  readonly #pattern: RegExp;
  readonly #ids = new Map<string, string>();
  readonly #ranks: ReadonlyMap<number, number>;

  constructor(entries: readonly Entry[], form: IdForm) {
    this.#pattern = form === "invex" ? INVEX_ID : MOCK_ID;
    this.#ranks = rankCreationTimes(entries);
  }

  outcome(outcome: Outcome): unknown {
    if ("value" in outcome) return { value: this.#value(outcome.value) };
    if ("convexError" in outcome) return { convexError: this.#value(outcome.convexError) };
    return { error: this.#text(withoutFrames(outcome.error)) };
  }

  #value(value: unknown): unknown {
    if (typeof value === "string") return this.#text(value);
    if (typeof value === "bigint") return `${value}n`;
    if (value instanceof ArrayBuffer) return { bytes: [...new Uint8Array(value)] };
    if (Array.isArray(value)) return value.map((each) => this.#value(each));
    if (typeof value !== "object" || value === null) return value;
    const fields = Object.entries(value).map(([key, each]) => [
      this.#text(key),
      this.#field(key, each),
    ]);
    return Object.fromEntries(fields);
  }

  #field(key: string, value: unknown): unknown {
    if (key === "_creationTime") return `rank ${this.#ranks.get(Number(value))}`;
    if (CURSOR_FIELDS.has(key)) return value === null ? null : "(cursor)";
    return this.#value(value);
  }

  #text(text: string): string {
    return text.replace(this.#pattern, (id) => {
      const known = this.#ids.get(id) ?? `#${this.#ids.size + 1}`;
      this.#ids.set(id, known);
      return known;
    });
  }
}

function rankCreationTimes(entries: readonly Entry[]): ReadonlyMap<number, number> {
  const times = new Set<number>();
  for (const { outcome } of entries) {
    if ("value" in outcome) collectCreationTimes(outcome.value, times);
  }
  const sorted = [...times].sort((a, b) => a - b);
  return new Map(sorted.map((time, index) => [time, index + 1]));
}

function collectCreationTimes(value: unknown, into: Set<number>): void {
  if (typeof value !== "object" || value === null) return;
  for (const [key, each] of Object.entries(value)) {
    if (key === "_creationTime") into.add(Number(each));
    else collectCreationTimes(each, into);
  }
}

/** Drops stack frames and request ids, which name files and runs rather than behaviour. */
function withoutFrames(text: string): string {
  const lines = text.split("\n").filter((line) => !/^\s+at /.test(line));
  return lines.join("\n").replace(/\[Request ID: [0-9a-f]+\]/g, "[Request ID]");
}
