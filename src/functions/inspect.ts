/**
 * Values as Convex prints them in log lines: in the style of Node's `inspect`, strings in single
 * quotes, two spaces to a level, without colours. Portable and small, where Node's exists nowhere else.
 * Never throws and never runs an author's getter; a value that cannot be read says so.
 */

/** Levels below the printed value that are spelled out; deeper ones are `[Object]`. */
const maxDepth = 5;
/** Elements of one array, map or set that are spelled out. */
const maxElements = 100;
/** Longest line of a value that is put on one. */
const lineWidth = 72;
/** Characters after which a value is not looked into further: a log line is cut there anyway. */
const maxLength = 65_536;

/**
 * Text of any value for a log line.
 *
 * Cost: O(what it prints), at most about 64 KiB of text and a hundred elements of a list.
 *
 * @example
 * inspect({ body: "it's", tags: ["a"], n: 5n }) // { body: 'it\'s', tags: [ 'a' ], n: 5n }
 */
export function inspect(value: unknown): string {
  return new Inspection().print(value, 0);
}

class Inspection {
  readonly #path: object[] = [];
  #charactersLeft = maxLength;

  print(value: unknown, depth: number): string {
    if (this.#charactersLeft <= 0) return "...";
    const text = isReference(value) ? this.#printReference(value, depth) : printPrimitive(value);
    this.#charactersLeft -= text.length;
    return text;
  }

  #printReference(value: object, depth: number): string {
    if (this.#path.includes(value)) return "[Circular]";
    this.#path.push(value);
    try {
      return this.#printObject(value, depth);
    } catch {
      return "[Unreadable]";
    } finally {
      this.#path.pop();
    }
  }

  #printObject(value: object, depth: number): string {
    const leaf = printLeaf(value);
    const isList = Array.isArray(value);
    const entries = () => this.#entriesOf(value, depth);
    if (leaf !== undefined) {
      const properties = depth > maxDepth ? [] : entries();
      return properties.length === 0 ? leaf : `${leaf} ${layOut("{", properties, "}")}`;
    }
    if (depth > maxDepth) return `[${prefixOf(value) || (isList ? "Array" : "Object")}]`;
    const prefix = prefixOf(value);
    const text =
      isList || isTypedArray(value) ? layOut("[", entries(), "]") : layOut("{", entries(), "}");
    return prefix === "" ? text : `${prefix} ${text}`;
  }

  /** What stands between the brackets: elements, then named properties. */
  #entriesOf(value: object, depth: number): string[] {
    const inner = (child: unknown) => this.print(child, depth + 1);
    return [...this.#elementsOf(value, inner), ...this.#propertiesOf(value, inner)];
  }

  #elementsOf(value: object, inner: (child: unknown) => string): string[] {
    if (Array.isArray(value)) return listElements(value, inner);
    if (isTypedArray(value)) return few(value, value.length, inner);
    if (value instanceof Set) return few(value, value.size, inner);
    if (value instanceof Map) {
      return few(value, value.size, ([key, item]) => `${inner(key)} => ${inner(item)}`);
    }
    if (value instanceof ArrayBuffer) return [`byteLength: ${value.byteLength}`];
    return [];
  }

  #propertiesOf(value: object, inner: (child: unknown) => string): string[] {
    const isIndexed = Array.isArray(value) || isTypedArray(value);
    const printed: string[] = [];
    for (const key of Reflect.ownKeys(value)) {
      const descriptor = Reflect.getOwnPropertyDescriptor(value, key);
      const isCause = key === "cause" && value instanceof Error;
      if (descriptor === undefined || !(descriptor.enumerable || isCause)) continue;
      if (isIndexed && typeof key === "string" && /^\d+$/.test(key)) continue;
      const name = isCause ? "[cause]" : printKey(key);
      printed.push(`${name}: ${printProperty(descriptor, inner)}`);
    }
    return printed;
  }
}

function isReference(value: unknown): value is object {
  return (typeof value === "object" && value !== null) || typeof value === "function";
}

function printPrimitive(value: unknown): string {
  if (typeof value === "string") return quote(value);
  if (typeof value === "bigint") return `${value}n`;
  return Object.is(value, -0) ? "-0" : String(value);
}

/** Objects that are one word, whatever is on them. */
function printLeaf(value: object): string | undefined {
  if (typeof value === "function") return printFunction(value);
  if (value instanceof Error) return printError(value);
  if (value instanceof RegExp) return String(value);
  if (value instanceof Date) {
    return Number.isNaN(value.getTime()) ? "Invalid Date" : value.toISOString();
  }
  const isBox = value instanceof Number || value instanceof Boolean || value instanceof BigInt;
  if (isBox) return `[${constructorName(value)}: ${printPrimitive(value.valueOf())}]`;
  return undefined;
}

function printFunction(value: object): string {
  const { name } = value as { name?: unknown };
  const label = typeof name === "string" && name !== "" ? name : "(anonymous)";
  const isClass = /^class\b/.test(Function.prototype.toString.call(value));
  if (isClass) return `[class ${label}]`;
  return label === "(anonymous)" ? "[Function (anonymous)]" : `[Function: ${label}]`;
}

function printError(error: Error): string {
  const headline = String(error);
  const { stack } = error;
  return typeof stack === "string" && stack.includes("\n") ? stack : `[${headline}]`;
}

/** The class of what is no plain object or array, with its length where that is not seen. */
function prefixOf(value: object): string {
  const name = constructorName(value);
  if (name === undefined) return "[Object: null prototype]";
  if (value instanceof Map || value instanceof Set) return `${name}(${value.size})`;
  if (isTypedArray(value)) return `${name}(${value.length})`;
  return name === "Object" || name === "Array" ? "" : name;
}

function constructorName(value: object): string | undefined {
  for (let at: object | null = value; at !== null; at = Reflect.getPrototypeOf(at)) {
    const descriptor = Reflect.getOwnPropertyDescriptor(at, "constructor");
    const name: unknown = (descriptor?.value as { name?: unknown } | undefined)?.name;
    if (typeof name === "string" && name !== "") return name;
  }
  return undefined;
}

function isTypedArray(value: object): value is Uint8Array {
  return ArrayBuffer.isView(value) && !(value instanceof DataView);
}

function listElements(list: readonly unknown[], inner: (child: unknown) => string): string[] {
  const printed: string[] = [];
  let holes = 0;
  const closeHoles = () => {
    if (holes > 0) printed.push(`<${holes} empty item${holes === 1 ? "" : "s"}>`);
    holes = 0;
  };
  const shown = Math.min(list.length, maxElements);
  for (let index = 0; index < shown; index++) {
    if (index in list) {
      closeHoles();
      printed.push(inner(list[index]));
    } else {
      holes += 1;
    }
  }
  closeHoles();
  return withRest(printed, list.length - shown);
}

function few<T>(items: Iterable<T>, count: number, inner: (item: T) => string): string[] {
  const printed: string[] = [];
  for (const item of items) {
    if (printed.length === maxElements) break;
    printed.push(inner(item));
  }
  return withRest(printed, count - printed.length);
}

function withRest(printed: string[], rest: number): string[] {
  if (rest > 0) printed.push(`... ${rest} more item${rest === 1 ? "" : "s"}`);
  return printed;
}

function printProperty(descriptor: PropertyDescriptor, inner: (child: unknown) => string): string {
  if (descriptor.get !== undefined) return descriptor.set ? "[Getter/Setter]" : "[Getter]";
  return descriptor.set === undefined ? inner(descriptor.value) : "[Setter]";
}

function printKey(key: string | symbol): string {
  if (typeof key === "symbol") return `[${String(key)}]`;
  return /^[A-Za-z_$][\w$]*$/.test(key) ? key : quote(key);
}

/** On one line where that is short, else one entry a line. */
function layOut(open: string, entries: readonly string[], close: string): string {
  if (entries.length === 0) return open + close;
  const line = `${open} ${entries.join(", ")} ${close}`;
  if (line.length <= lineWidth && !line.includes("\n")) return line;
  const indented = entries.map((entry) => `  ${entry.replaceAll("\n", "\n  ")}`);
  return `${open}\n${indented.join(",\n")}\n${close}`;
}

const escapes: Readonly<Record<string, string>> = {
  "'": "\\'",
  "\\": "\\\\",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\b": "\\b",
  "\f": "\\f",
};

function quote(text: string): string {
  const cut = text.length > maxLength ? text.slice(0, maxLength) : text;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not get into a line
  const escaped = cut.replace(/['\\\u0000-\u001f\u007f]/g, (character) => {
    const code = character.charCodeAt(0).toString(16).padStart(2, "0");
    return escapes[character] ?? `\\x${code}`;
  });
  return `'${escaped}'`;
}
