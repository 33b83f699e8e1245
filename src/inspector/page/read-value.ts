/** Reads Convex's values as `value-text.ts` prints them, JSON, and what people type between the two. */
import { toByteArray } from "../../values/base64";
import type { Value } from "../../values/value";

/** @throws Error that says what is wrong where */
export function readValue(text: string): Value {
  const reader = new Reader(text);
  const value = reader.value();
  reader.end();
  return value;
}

const WORDS: ReadonlyMap<string, Value> = new Map<string, Value>([
  ...([
    ["null", null],
    ["true", true],
    ["false", false],
    ["NaN", Number.NaN],
    ["Infinity", Number.POSITIVE_INFINITY],
  ] as const),
]);

const ESCAPES: Readonly<Record<string, string>> = {
  ...{ n: "\n", t: "\t", r: "\r", b: "\b", f: "\f", v: "\v", "0": "\0" },
};

class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  value(): Value {
    this.#space();
    const next = this.#text[this.#at];
    if (next === "{") return this.#object();
    if (next === "[") return this.#list("]", () => this.value());
    if (next === '"' || next === "'") return this.#string();
    return this.#word();
  }

  end(): void {
    this.#space();
    if (this.#at < this.#text.length) throw this.#problem("nothing more");
  }

  #object(): Value {
    const entries = this.#list("}", (): [string, Value] => {
      const field = this.#field();
      this.#expect(":");
      return [field, this.value()];
    });
    return Object.fromEntries(entries);
  }

  #field(): string {
    this.#space();
    const next = this.#text[this.#at];
    if (next === '"' || next === "'") return this.#string();
    const name = this.#match(/[A-Za-z_$][\w$]*/y);
    if (name === undefined) throw this.#problem("a field");
    return name;
  }

  /** What is between brackets, with commas between and perhaps one after. */
  #list<T>(close: string, item: () => T): T[] {
    this.#at += 1;
    const items: T[] = [];
    for (;;) {
      this.#space();
      if (this.#text[this.#at] === close) break;
      items.push(item());
      this.#space();
      if (this.#text[this.#at] !== ",") break;
      this.#at += 1;
    }
    this.#expect(close);
    return items;
  }

  #string(): string {
    const quote = this.#text[this.#at];
    this.#at += 1;
    let text = "";
    for (;;) {
      const next = this.#text[this.#at];
      if (next === undefined || next === "\n") throw this.#problem(`${quote}`);
      this.#at += 1;
      if (next === quote) return text;
      text += next === "\\" ? this.#escaped() : next;
    }
  }

  #escaped(): string {
    const code = this.#match(/u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}/y);
    if (code !== undefined) return String.fromCharCode(Number.parseInt(code.slice(1), 16));
    const next = this.#text[this.#at] ?? "";
    this.#at += 1;
    return ESCAPES[next] ?? next;
  }

  #word(): Value {
    const integer = this.#match(/[+-]?\d+n/y);
    if (integer !== undefined) return BigInt(integer.replace(/^\+|n$/g, ""));
    const number = this.#match(
      /[+-]?(?:Infinity|0x[\da-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)/y,
    );
    if (number !== undefined) return Number(number);
    const bytes = this.#match(/bytes\(\s*(["'])[A-Za-z0-9+/=]*\1\s*\)/y);
    if (bytes !== undefined) return bytesOf(bytes);
    const word = this.#match(/[A-Za-z]+/y);
    const value = word === undefined ? undefined : WORDS.get(word);
    if (value !== undefined) return value;
    this.#at -= word?.length ?? 0;
    throw this.#problem("a value");
  }

  #expect(sign: string): void {
    this.#space();
    if (this.#text[this.#at] !== sign) throw this.#problem(`"${sign}"`);
    this.#at += 1;
  }

  #space(): void {
    this.#match(/(?:\s|\/\/[^\n]*|\/\*[\s\S]*?\*\/)*/y);
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const [found] = pattern.exec(this.#text) ?? [];
    this.#at += found?.length ?? 0;
    return found;
  }

  #problem(expected: string): Error {
    const before = this.#text.slice(0, this.#at).split("\n");
    const found = this.#text.slice(this.#at, this.#at + 12).split("\n")[0];
    const there = found ? `found ${JSON.stringify(found)}` : "it ends";
    const where = `line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`;
    return new Error(`Expected ${expected} at ${where}; there ${there}.`);
  }
}

function bytesOf(call: string): ArrayBuffer {
  const bytes = toByteArray(call.replace(/^.*?["']|["'].*$/g, ""));
  return bytes.slice().buffer as ArrayBuffer;
}
