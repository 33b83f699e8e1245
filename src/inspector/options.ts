/** What `inspector` takes and gives, parsed. */
import * as z from "zod/mini";
import { userError } from "../shared/errors";

export interface InspectorOptions {
  /**
   * What whoever opens the page must give: at least 16 characters of printable ASCII without spaces.
   * Without one, only requests to `localhost`, `127.0.0.1` or `[::1]` are answered; anybody who can
   * send such a request can then read and change everything, so listen on the loopback interface
   * only. A key that is there but `undefined`, such as a variable that is not set, is an error.
   */
  readonly key?: string;
}

/** Answers requests to the inspector, whatever their path: it needs one URL and is told none. */
export type InspectorHandler = (request: Request) => Promise<Response>;

export interface ParsedInspectorOptions {
  /** `undefined`: whoever is on this machine. */
  readonly key: string | undefined;
}

const keyShape = z.string().check(z.minLength(16), z.regex(/^[\x21-\x7e]*$/));

/** @throws InvexError `OptionsInvalid` */
export function parseInspectorOptions(options: unknown = {}): ParsedInspectorOptions {
  const isObject = typeof options === "object" && options !== null;
  if (!isObject) throw invalid("options", "expected an object");
  const unknown = Object.keys(options).find((name) => name !== "key");
  if (unknown !== undefined) throw invalid(`option \`${unknown}\``, "there is no such option");
  if (!("key" in options)) return { key: undefined };
  if (options.key === undefined) {
    throw invalid("option `key`", `expected a string, got undefined. ${NO_KEY}`);
  }
  const parsed = z.safeParse(keyShape, options.key);
  if (!parsed.success) throw invalid("option `key`", WEAK_KEY);
  return { key: parsed.data };
}

const NO_KEY = "Leave it out to admit nobody but whoever is on this machine.";
const WEAK_KEY =
  "expected at least 16 characters of printable ASCII without spaces; `openssl rand -hex 16` makes some.";

function invalid(where: string, problem: string) {
  return userError("OptionsInvalid", `inspector: ${where}: ${problem}`, { option: where });
}
