/**
 * What convex-test would have said in place of an error of the engine's: suites match parts of its
 * messages. Made from the engine's text, which holds all that is needed, so that nothing of this
 * reaches into the engine; `undefined` where the texts agree or nobody matches them.
 */
import type { InvexError } from "../shared/errors";

type Reword = (match: RegExpExecArray) => string;

const LIMIT = "This is a Convex limit: https://docs.convex.dev/production/state/limits";

/** The first that matches counts. */
const WORDINGS: readonly (readonly [RegExp, Reword])[] = [
  [
    /Object is missing the required field `(.*?)`\./,
    ([, field]) => `Validator error: Missing required field \`${field}\` in object`,
  ],
  [
    /Object contains extra field `(.*?)` that/,
    ([, field]) => `Validator error: Unexpected field \`${field}\` in object`,
  ],
  [
    /`(.*)` does not match literal validator `v\.literal\((.*)\)`/s,
    ([, value, literal]) => expected(plain(literal), plain(value)),
  ],
  [
    /Found ID "(.*?)" from .* validator `v\.id\("(.*?)"\)`/,
    ([, id, table]) => `Validator error: Expected ID for table "${table}", got \`${id}\``,
  ],
  [
    /Value does not match validator\.\n[^\n]*\nValue: (.*)\nValidator: ([^\n]*)/s,
    ([, value = "", validator = ""]) => mismatch(value, validator),
  ],
  [/^Delete on nonexistent/, () => "Delete on non-existent doc"],
  [
    /^(?:Update|Patch|Replace) on nonexistent document ID (\S+)/,
    ([, id]) =>
      `Patch on non-existent document with ID "${id}"; Replace on non-existent document with ID "${id}"`,
  ],
  [
    /^Index ([^.]+)\.(\S+) not found\./,
    ([, table, index]) =>
      `Cannot use index "${index}" for table "${table}" because it is not declared in the schema.`,
  ],
  [
    /Couldn't find JavaScript module '(.*?)\.js'/,
    ([, module]) => `Could not find module for: "${module}"`,
  ],
  [
    /Couldn't find "(.*?)" in module "(.*?)\.js"/,
    ([, name, module]) =>
      `Expected a Convex function exported from module "${module}" as \`${name}\`, but there is no such export.`,
  ],
  [
    /Trying to execute (.*?)\.js:(\S+).* as (\w+),/,
    ([, module, name, kind = ""]) => wrongKind(module, name, kind.toLowerCase()),
  ],
  [
    /Child component ComponentName\("(.*?)"\) not found/,
    ([, name]) => `Component "${name}" is not registered. Call "t.registerComponent".`,
  ],
  [/^Can't use (\w+)/, ([, name]) => notSupported(name)],
  [/^Too many documents read .*?\(limit: (\d+)\)/, limited("Scanned too many documents")],
  [/^Too many bytes read .*?\(limit: (.*?)\)/, limited("Read too much data")],
  [/^Too many reads .*?\(limit: (\d+)\)/, limited("Too many index ranges read")],
  [/^Too many writes .*?\(limit: (\d+)\)/, limited("Wrote too many documents")],
  [/^Too many bytes written .*?\(limit: (.*?)\)/, limited("Wrote too much data")],
  [/^Too many functions scheduled .*?\(limit: (\d+)\)/, limited("Scheduled too many functions")],
  [
    /^Too large total size of the arguments .*?\(limit: (.*?)\)/,
    limited("Scheduled function arguments too large"),
  ],
  [
    /multiple paginated queries/,
    () => "Only a single paginated query (`.paginate()`) is allowed per function execution.",
  ],
];

export function mockWording(error: InvexError): string | undefined {
  for (const [pattern, reword] of WORDINGS) {
    const match = pattern.exec(error.message);
    if (match !== null) return withReturns(error, reword(match));
  }
  return undefined;
}

function withReturns({ code, fields }: InvexError, wording: string): string {
  if (code !== "ReturnsInvalid") return wording;
  return `Return value validation failed for "${String(fields.function)}":\n${wording}`;
}

function expected(what: string, got: string): string {
  return `Validator error: Expected \`${what}\`, got \`${got}\``;
}

function mismatch(value: string, validator: string): string {
  const [, kind = "", inside = ""] = /^v\.(\w+)\((.*)\)$/s.exec(validator) ?? [];
  if (kind === "id")
    return `Validator error: Expected ID for table ${inside}, got \`${plain(value)}\``;
  if (kind === "union") {
    const members = [...inside.matchAll(/(?:^|, )v\.(\w+)\(/g)].map(([, name = ""]) =>
      typeOf(name),
    );
    return `Validator error: Expected one of ${members.join(", ")}, got \`${asJson(value)}\``;
  }
  return expected(kind === "array" ? "Array" : typeOf(kind), plain(value));
}

const TYPES: Readonly<Record<string, string>> = {
  float64: "number",
  number: "number",
  int64: "bigint",
  bytes: "ArrayBuffer",
};

function typeOf(validator: string): string {
  return TYPES[validator] ?? validator;
}

/** A printed value as a template string of JavaScript shows it. */
function plain(printed = ""): string {
  const json = asJson(printed);
  if (json.startsWith('"')) return JSON.parse(json) as string;
  return json.startsWith("{") ? "[object Object]" : json;
}

/** Numbers are printed with a point, which JavaScript leaves out. */
function asJson(printed: string): string {
  const text = printed.replace(/^(-?\d+)\.0$/, "$1");
  try {
    JSON.parse(text);
    return text;
  } catch {
    return text.replaceAll('"', "'");
  }
}

function wrongKind(module = "", name = "", kind: string): string {
  const article = kind === "action" ? "an" : "a";
  return `Expected ${article} ${kind} function, but the function exported from module "${module}" as \`${name}\` is not ${article} ${kind}.`;
}

function notSupported(name = ""): string {
  return `\`${name}\` is not supported in Convex queries or mutations.`;
}

function limited(what: string): Reword {
  return ([, limit = ""]) => {
    const amount = /^[\d,]+$/.test(limit) ? limit : limit.replace(/[^\d]*$/, " bytes");
    return `${what} in a single function execution (limit: ${amount}). ${LIMIT}`;
  };
}
