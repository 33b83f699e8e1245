/**
 * What an export of either authoring front says about itself, read once and checked as Convex checks
 * a push (engine.md 2.2). Exports are recognised by their marks (functions.md 1.1), never by class.
 */
import { InvexError, userError } from "../shared/errors";
import type { ValidatorJSON } from "../values/validator-json";
import { validatorProblem } from "../values/validator-rules";
import { describeThrown } from "./error-text";
import type { FunctionPath } from "./function-path";

/** What an export can be. HTTP actions are reached through a router, never by name. */
export type FunctionKind = "query" | "mutation" | "action" | "httpAction";

/** The author's handler; `ctx` is whatever the runner builds. Call it without a receiver. */
export type Handler = (ctx: unknown, args: unknown) => unknown;

/** What an export says about itself: the same for every backend that shares the module. */
export interface FunctionDefinition {
  readonly path: FunctionPath;
  readonly kind: FunctionKind;
  /** `undefined`: marked neither, so no client may call it. */
  readonly visibility: "public" | "internal" | undefined;
  readonly handler: Handler;
  /** `{ type: "any" }` if the author declared no `args`. */
  readonly argsJSON: ValidatorJSON;
  /** `undefined` if the author declared no `returns`. */
  readonly returnsJSON: ValidatorJSON | undefined;
}

/** The marks and methods of a registered function, none of them certain to be there. */
interface Marked {
  readonly isQuery?: unknown;
  readonly isMutation?: unknown;
  readonly isAction?: unknown;
  readonly isHttp?: unknown;
  readonly isPublic?: unknown;
  readonly isInternal?: unknown;
  readonly _handler?: unknown;
  readonly exportArgs?: unknown;
  readonly exportReturns?: unknown;
}

/**
 * What kind of function `exported` is, or `undefined` if it is none: it carries exactly one mark of
 * a kind, not both marks of visibility, and a handler.
 */
export function functionKindOf(exported: unknown): FunctionKind | undefined {
  if (typeof exported !== "function" && (typeof exported !== "object" || exported === null)) {
    return undefined;
  }
  const marked: Marked = exported;
  if (typeof marked._handler !== "function") return undefined;
  if (marked.isHttp) return "httpAction";
  if (marked.isPublic && marked.isInternal) return undefined;
  const kinds: FunctionKind[] = [];
  if (marked.isQuery) kinds.push("query");
  if (marked.isMutation) kinds.push("mutation");
  if (marked.isAction) kinds.push("action");
  return kinds.length === 1 ? kinds[0] : undefined;
}

/**
 * Reads an export of a user's module; `undefined` if it is no function.
 *
 * @throws InvexError `FunctionInvalid` if its validators break Convex's rules.
 */
export function readFunction(
  path: FunctionPath,
  exported: unknown,
): FunctionDefinition | undefined {
  const kind = functionKindOf(exported);
  if (kind === undefined) return undefined;
  const marked = exported as Marked;
  const known = definitions.get(marked);
  const isSame = known?.path.canonical === path.canonical && known.handler === marked._handler;
  if (isSame) return known;
  const definition = readMarked(path, kind, marked);
  definitions.set(marked, definition);
  return definition;
}

/** What exports were read as: they are the same for every backend of a process. */
const definitions = new WeakMap<Marked, FunctionDefinition>();

function readMarked(path: FunctionPath, kind: FunctionKind, marked: Marked): FunctionDefinition {
  return {
    path,
    kind,
    visibility: visibilityOf(marked),
    handler: marked._handler as Handler,
    argsJSON: readArgs(path, marked),
    returnsJSON: readReturns(path, marked),
  };
}

const ANY: ValidatorJSON = { type: "any" };

function visibilityOf(marked: Marked): "public" | "internal" | undefined {
  if (marked.isPublic) return "public";
  return marked.isInternal ? "internal" : undefined;
}

function readArgs(path: FunctionPath, marked: Marked): ValidatorJSON {
  const json = (exportedJSON(path, marked, "exportArgs") ?? ANY) as ValidatorJSON;
  if (json.type !== "object" && json.type !== "any") {
    throw invalidExport(path, "exportArgs", "Args validator must be an object or any");
  }
  assertValid(path, "args", json);
  return json;
}

function readReturns(path: FunctionPath, marked: Marked): ValidatorJSON | undefined {
  const json = exportedJSON(path, marked, "exportReturns") ?? undefined;
  if (json !== undefined) assertValid(path, "returns", json as ValidatorJSON);
  return json as ValidatorJSON | undefined;
}

/** What `exportArgs()` or `exportReturns()` says, parsed; nothing if there is no such method. */
function exportedJSON(
  path: FunctionPath,
  marked: Marked,
  method: "exportArgs" | "exportReturns",
): unknown {
  const exporter = marked[method];
  if (typeof exporter !== "function") return undefined;
  const text = runExporter(path, () => exporter.call(marked));
  try {
    return JSON.parse(text as string);
  } catch (error) {
    throw invalidExport(path, method, (error as Error).message);
  }
}

/** An undefined validator, most often of a circular import, throws here. */
function runExporter(path: FunctionPath, exporter: () => unknown): unknown {
  try {
    return exporter();
  } catch (cause) {
    const message = `Failed to analyze ${path.module}.js: Uncaught ${describeThrown(cause)}`;
    throw new InvexError("FunctionInvalid", message, {
      fields: { function: path.display },
      cause,
    });
  }
}

function assertValid(path: FunctionPath, part: "args" | "returns", json: ValidatorJSON): void {
  const problem = validatorProblem(json);
  if (problem === undefined) return;
  const method = part === "args" ? "exportArgs" : "exportReturns";
  throw invalidExport(path, method, `Error in ${part} validator: ${problem}`);
}

function invalidExport(path: FunctionPath, method: string, problem: string): InvexError {
  const message = `Invalid JSON returned from ${path.module}:${path.name}.${method}(): ${problem}`;
  return userError("FunctionInvalid", message, { function: path.display });
}
