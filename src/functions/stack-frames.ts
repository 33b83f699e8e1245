/**
 * Stack traces as their reader wants them: the author's own frames, in Convex's spelling
 * (functions.md 8.1). Reads the text of `error.stack`, so positions are as good as the runtime's:
 * mapped to the source under vitest, tsx and `node --enable-source-maps`. Works on every runtime
 * that prints stacks like V8 or like Safari and Firefox; elsewhere there are no frames.
 */

/** One line of a stack trace that has a position. */
export interface StackFrame {
  /** What was called, as the runtime prints it (`async list`, `new Cart`), or `""`. */
  readonly call: string;
  /** A path or URL, with `/` between segments. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** The folder name Convex prints before module files. */
const DEFAULT_FOLDER = "convex";

/**
 * Calls a function's handler. Frames below this call are the engine's and the embedder's; its name
 * is how {@link userFrames} knows. Methods rather than functions, because minifiers keep the names
 * of methods.
 */
export const handlerBoundary = {
  /** It awaits, so that it still shows once the handler has waited for something. */
  async invexCallsHandler<Ctx, Args, Result>(
    handler: (ctx: Ctx, args: Args) => Result,
    ctx: Ctx,
    args: Args,
  ): Promise<Awaited<Result>> {
    return await handler(ctx, args);
  },

  /** For callers that await nothing themselves: no trace leads past the handler's promise to them. */
  invexCallsHandlerNow<Ctx, Args, Result>(
    handler: (ctx: Ctx, args: Args) => Result,
    ctx: Ctx,
    args: Args,
  ): Result {
    return handler(ctx, args);
  },
};

/** Part of the names of both. */
const BOUNDARY = "invexCallsHandler";

/**
 * The frames of the author's own code, innermost first: what is in Invex, in `node_modules` or in
 * the runtime is left out, and so is all that led to the handler's call.
 */
export function userFrames(error: unknown): StackFrame[] {
  const frames = parseStack(error);
  const boundary = frames.findIndex((frame) => frame.call.includes(BOUNDARY));
  return frames.slice(0, boundary === -1 ? undefined : boundary).filter(isUserFrame);
}

/** All frames outside Invex and the runtime, also the embedder's: for the stack of a new error. */
export function callerFrames(error: unknown): StackFrame[] {
  return parseStack(error).filter(isUserFrame);
}

/**
 * A frame as Convex prints it.
 *
 * @param folder the name of the functions folder; files outside it keep their whole path.
 * @example
 * ```ts
 * printFrame({ call: "list", file: "/app/convex/messages.ts", line: 3, column: 9 });
 * // => "list (../convex/messages.ts:3:9)"
 * ```
 */
export function printFrame(frame: StackFrame, folder = DEFAULT_FOLDER): string {
  return withPosition(frame, shortened(frame.file, folder));
}

/** A frame as V8 prints it, with its whole path: tools find the file. */
export function printWholeFrame(frame: StackFrame): string {
  return withPosition(frame, frame.file);
}

function withPosition({ call, line, column }: StackFrame, file: string): string {
  const place = `${file}:${line}:${column}`;
  if (call === "" || call === "async") return `${call} ${place}`.trimStart();
  return `${call} (${place})`;
}

function shortened(file: string, folder: string): string {
  const start = file.lastIndexOf(`/${folder}/`);
  return start === -1 ? file : `..${file.slice(start)}`;
}

function parseStack(error: unknown): StackFrame[] {
  const frames: StackFrame[] = [];
  for (const line of traceOf(error).split("\n")) {
    const frame = parseLine(line.trim());
    if (frame !== undefined) frames.push(frame);
  }
  return frames;
}

/** The stack without its header: a message may quote another trace, which is not this error's. */
function traceOf(error: unknown): string {
  const [stack, message] = [readText(error, "stack"), readText(error, "message")];
  const start = stack.indexOf(message);
  return start === -1 ? stack : stack.slice(start + message.length);
}

/** Anything can be thrown, also an object whose getters throw. */
function readText(error: unknown, key: "stack" | "message"): string {
  try {
    const text = (error as Partial<Error> | undefined)?.[key];
    return typeof text === "string" ? text : "";
  } catch {
    return "";
  }
}

const POSITION = /^(.+):(\d+):(\d+)$/;

function parseLine(line: string): StackFrame | undefined {
  const [call, place] = line.startsWith("at ") ? splitV8(line.slice(3)) : splitAt(line);
  const [, file, lineNumber, column] = POSITION.exec(place) ?? [];
  if (file === undefined) return undefined;
  return { call, file: plainPath(file), line: Number(lineNumber), column: Number(column) };
}

/** `async list (file:1:2)`, `file:1:2`, `async file:1:2`. */
function splitV8(text: string): [call: string, place: string] {
  const open = text.indexOf(" (");
  if (open !== -1 && text.endsWith(")")) return [text.slice(0, open), text.slice(open + 2, -1)];
  return text.startsWith("async ") ? ["async", text.slice(6)] : ["", text];
}

/** `list@file:1:2` of Safari and Firefox. */
function splitAt(text: string): [call: string, place: string] {
  const at = text.indexOf("@");
  return at === -1 ? ["", ""] : [text.slice(0, at), text.slice(at + 1)];
}

function plainPath(file: string): string {
  const path = file.replaceAll("\\", "/").replace(/\?.*$/, "");
  if (!path.startsWith("file://")) return path;
  const bare = path.slice(7).replace(/^\/(?=[A-Za-z]:\/)/, "");
  try {
    return decodeURI(bare);
  } catch {
    return bare;
  }
}

const RUNTIME = /^(?:node|bun|deno|ext|internal|native|cloudflare|workerd)[:/]|<anonymous>/;

function isUserFrame({ file }: StackFrame): boolean {
  if (RUNTIME.test(file) || file.includes("/node_modules/")) return false;
  ownDirectory ??= findOwnDirectory();
  return ownDirectory === "" || !file.startsWith(ownDirectory);
}

/** Where Invex runs from when that is not `node_modules`; `""` if it cannot be told. */
let ownDirectory: string | undefined;

/**
 * In somebody's bundle this very code may share its file with the author's, so only two layouts
 * count: Invex's own sources, and a built package in a folder of its name.
 */
function findOwnDirectory(): string {
  const file = parseStack(new Error("position"))[0]?.file ?? "";
  const [, directory] = /^(.*\/)functions\/stack-frames\.[cm]?[jt]s$/.exec(file) ?? [];
  if (directory !== undefined) return directory;
  return /^.*\/invex\/dist\//.exec(file)?.[0] ?? "";
}
