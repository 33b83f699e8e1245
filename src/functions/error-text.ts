/**
 * The texts of failures, as Convex words them (engine.md 0, functions.md 8.1): what an error that
 * escaped a handler is called, and what a client gets to read.
 * What carries such a text to its reader is `function-failure.ts`.
 */
import { isInvexError } from "../shared/errors";
import { utf8Length } from "../values/utf8";
import { printFrame, userFrames } from "./stack-frames";

/** Longest first line (before the frames) of an error text, in UTF-8 bytes. */
export const MAX_ERROR_MESSAGE_BYTES = 65_536;

/**
 * The text of something a handler threw: `Uncaught <name>: <message>`, then a line for each of the
 * author's frames.
 *
 * @param folder the name of the functions folder, as frames spell it.
 * @example
 * ```ts
 * thrownText(new TypeError("boom"));
 * // => "Uncaught TypeError: boom\n    at handler (../convex/messages.ts:3:9)\n"
 * ```
 */
export function thrownText(thrown: unknown, folder?: string): string {
  return withFrames(`Uncaught ${describeThrown(thrown)}`, thrown, folder);
}

/** `message`, cut to Convex's length, and the frames of `thrown`, each line ended. */
export function withFrames(message: string, thrown: unknown, folder?: string): string {
  let text = `${truncateUtf8(message, MAX_ERROR_MESSAGE_BYTES)}\n`;
  for (const frame of userFrames(thrown)) text += `    at ${printFrame(frame, folder)}\n`;
  return text;
}

/**
 * What a client reads of a failed call.
 *
 * @param text the failure's whole text, or `undefined` when it is redacted.
 */
export function clientText(requestId: string, text: string | undefined): string {
  const headline = `[Request ID: ${requestId}] Server Error`;
  return text === undefined ? headline : `${headline}\n${text}`;
}

/** The longest beginning of `text` that fits `maxBytes` of UTF-8 and splits no character. */
export function truncateUtf8(text: string, maxBytes: number): string {
  if (text.length * 3 <= maxBytes || utf8Length(text) <= maxBytes) return text;
  const bytes = new TextEncoder().encode(text);
  let end = maxBytes;
  while (end > 0 && (bytes[end]! & 0xc0) === 0x80) end--;
  return new TextDecoder().decode(bytes.subarray(0, end));
}

/**
 * What was thrown, in one line: `Name: message`, or as V8 prints what is no error. Never throws,
 * though getters and proxies may.
 */
export function describeThrown(thrown: unknown): string {
  if (typeof thrown !== "object" || thrown === null) return String(thrown);
  try {
    // In Convex the library's own errors are plain ones.
    const name = isInvexError(thrown) ? "Error" : textOf(thrown, "name");
    const message = textOf(thrown, "message");
    if (name && message) return `${name}: ${message}`;
    return name || message || describeObject(thrown);
  } catch {
    return "#<Object>";
  }
}

function textOf(thrown: object, key: "name" | "message"): string | undefined {
  const value = (thrown as Record<string, unknown>)[key];
  return typeof value === "string" ? value : undefined;
}

/** As V8 prints objects in messages. */
function describeObject(thrown: object): string {
  const maker: unknown = thrown.constructor;
  const isPlain = thrown.toString === Object.prototype.toString;
  if (isPlain && typeof maker === "function" && maker.name) return `#<${maker.name}>`;
  return Object.prototype.toString.call(thrown);
}
