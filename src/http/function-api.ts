/**
 * The HTTP API to functions: `/api/query` and its siblings (functions.md 9.8). A function that fails
 * is an answer with status 200; other statuses are for requests that reach no function.
 */

import * as z from "zod/mini";
import { toDotPath } from "zod/v4/core";
import type { Snapshot } from "../db/live-snapshots";
import { textToClient } from "../functions/function-failure";
import { type FunctionPath, parseFunctionPath } from "../functions/function-path";
import type { WantedKind } from "../functions/lookup-error";
import { isInvexError } from "../shared/errors";
import type { JSONValue } from "../values/value";
import type { ClientCallReport, ClientCalls } from "./client-calls";
import type { HeldSnapshots } from "./held-snapshots";
import { refusal } from "./refusal";
import { badJson, readJson } from "./request-body";
import { originOf, type RequestCaller } from "./request-caller";
import { formatValue, parseFormat, type ValueFormat } from "./value-format";

/** Longest body of a request to the API, in bytes: the largest arguments and what goes around them. */
export const MAX_API_BODY_BYTES = 16 * 1024 * 1024 + 2000;

export interface FunctionApiOptions {
  readonly calls: ClientCalls;
  readonly held: HeldSnapshots;
  readonly database: { current(): Snapshot; share(snapshot: Snapshot): Snapshot };
}

/** One request to the API, whose sender has been let in. */
export interface ApiRequest {
  readonly request: Request;
  readonly url: URL;
  readonly caller: RequestCaller;
}

/** One function to be called. */
interface Invocation {
  readonly path: FunctionPath;
  readonly args: readonly JSONValue[];
  readonly format: ValueFormat;
  readonly component: string;
  readonly kind: WantedKind;
  readonly snapshot?: Snapshot;
}

const json = z.custom<JSONValue>((value) => value !== undefined);
const argsShape = z.union([
  z.array(json),
  z.custom<Record<string, JSONValue>>((value) => typeof value === "object" && value !== null),
]);
const callFields = { args: argsShape, format: z.optional(z.nullable(z.string())) };
const callShape = z.object({ ...callFields, path: z.string() });
const runShape = z.object(callFields);
const atTsShape = z.object({ ...callFields, path: z.string(), ts: z.string() });
const batchShape = z.object({ queries: z.array(callShape) });
const anyShape = z.object({
  ...callFields,
  path: z.string(),
  componentPath: z.optional(z.nullable(z.string())),
});

type Handler = (api: FunctionApi, request: ApiRequest) => Promise<Response>;

/** By path and method. */
const ENDPOINTS: ReadonlyMap<string, Readonly<Record<string, Handler>>> = new Map(
  Object.entries<Readonly<Record<string, Handler>>>({
    "/api/query": {
      GET: (api, request) => api.getQuery(request),
      POST: (api, request) => api.call(request, "query"),
    },
    "/api/mutation": { POST: (api, request) => api.call(request, "mutation") },
    "/api/action": { POST: (api, request) => api.call(request, "action") },
    "/api/function": { POST: (api, request) => api.callAny(request) },
    "/api/query_ts": { POST: (api) => api.queryTs() },
    "/api/query_at_ts": { POST: (api, request) => api.queryAtTs(request) },
    "/api/query_batch": { POST: (api, request) => api.queryBatch(request) },
  }),
);

const RUN_PREFIX = "/api/run/";
const RUN: Readonly<Record<string, Handler>> = { POST: (api, request) => api.runByUrl(request) };

/** The methods an API path answers; `undefined` when it is none of the API's paths. */
export function apiEndpoint(pathname: string): Readonly<Record<string, Handler>> | undefined {
  return ENDPOINTS.get(pathname) ?? (pathname.startsWith(RUN_PREFIX) ? RUN : undefined);
}

export class FunctionApi {
  readonly #options: FunctionApiOptions;

  constructor(options: FunctionApiOptions) {
    this.#options = options;
  }

  async call(api: ApiRequest, kind: WantedKind): Promise<Response> {
    const { path, args, format } = await readBody(api.request, callShape);
    return this.#answer(api, { ...parsed(path, args, format), component: "", kind });
  }

  async getQuery(api: ApiRequest): Promise<Response> {
    const { searchParams } = api.url;
    const path = searchParams.get("path");
    if (path === null) throw refusal(400, "BadQueryArgs", "The query parameter `path` is missing.");
    const args = parseArgsParameter(searchParams.get("args"));
    const invocation = parsed(path, args, searchParams.get("format"));
    return this.#answer(api, { ...invocation, component: "", kind: "query" });
  }

  async callAny(api: ApiRequest): Promise<Response> {
    const body = await readBody(api.request, anyShape);
    const component = body.componentPath ?? "";
    if (component !== "" && !api.caller.isAdmin) {
      throw refusal(
        403,
        "Unauthorized",
        "Only admin or system users can call functions on non-root components directly",
      );
    }
    const invocation = parsed(body.path, body.args, body.format);
    return this.#answer(api, { ...invocation, component, kind: "any" });
  }

  async runByUrl(api: ApiRequest): Promise<Response> {
    const { args, format } = await readBody(api.request, runShape);
    const invocation = parsed(pathOfUrl(api.url), args, format);
    return this.#answer(api, { ...invocation, component: "", kind: "any" });
  }

  async queryTs(): Promise<Response> {
    return Response.json({ ts: this.#options.held.hold() });
  }

  async queryAtTs(api: ApiRequest): Promise<Response> {
    const { held, database } = this.#options;
    const { path, args, format, ts } = await readBody(api.request, atTsShape);
    const invocation = parsed(path, args, format);
    const snapshot = held.find(ts, (each) => database.share(each));
    try {
      return await this.#answer(api, { ...invocation, component: "", kind: "query", snapshot });
    } finally {
      snapshot.release();
    }
  }

  async queryBatch(api: ApiRequest): Promise<Response> {
    const { queries } = await readBody(api.request, batchShape);
    const invocations = queries.map(({ path, args, format }) => parsed(path, args, format));
    const snapshot = this.#options.database.current();
    try {
      const results: JSONValue[] = [];
      for (const each of invocations) {
        results.push(await this.#run(api, { ...each, component: "", kind: "query", snapshot }));
      }
      return Response.json({ results });
    } finally {
      snapshot.release();
    }
  }

  async #answer(api: ApiRequest, invocation: Invocation): Promise<Response> {
    return Response.json(await this.#run(api, invocation));
  }

  async #run({ request, caller }: ApiRequest, invocation: Invocation): Promise<JSONValue> {
    const { component, path, kind, args, format, snapshot } = invocation;
    const { identity, isAdmin } = caller;
    const origin = originOf(request, caller);
    const target = { component, path };
    const call = { target, kind, args, identity, isAdmin, origin, snapshot };
    return functionResult(await this.#options.calls.run(call), format);
  }
}

/** @throws the conflict that a mutation could not win: no fault of the function's */
function functionResult(report: ClientCallReport, format: ValueFormat): JSONValue {
  const { outcome, call } = report;
  const logs: Record<string, JSONValue> =
    report.logLines.length === 0 ? {} : { logLines: [...report.logLines] };
  if (outcome.ok) return { status: "success", value: formatValue(outcome.value, format), ...logs };
  const { data, thrown } = outcome.failure;
  if (isInvexError(thrown) && thrown.code === "OptimisticConcurrencyControlFailure") throw thrown;
  const errorData: Record<string, JSONValue> =
    data === undefined ? {} : { errorData: formatValue(data, format) };
  return {
    status: "error",
    errorMessage: textToClient(outcome.failure, call),
    ...errorData,
    ...logs,
  };
}

async function readBody<T>(request: Request, shape: z.ZodMiniType<T>): Promise<T> {
  const body = await readJson(request, MAX_API_BODY_BYTES);
  const result = z.safeParse(shape, body);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const where = issue === undefined || issue.path.length === 0 ? "" : `${toDotPath(issue.path)}: `;
  throw badJson(`Failed to deserialize the JSON body: ${where}${issue?.message ?? "invalid"}`);
}

/** @throws InvexError a refusal: a path or a format that is none */
function parsed(
  path: string,
  args: readonly JSONValue[] | Readonly<Record<string, JSONValue>>,
  format: string | null | undefined,
): Pick<Invocation, "path" | "args" | "format"> {
  return {
    path: parsePath(path),
    args: Array.isArray(args) ? args : [args as Record<string, JSONValue>],
    format: parseFormat(format),
  };
}

function parsePath(path: string): FunctionPath {
  try {
    return parseFunctionPath(path);
  } catch (error) {
    if (!isInvexError(error)) throw error;
    throw refusal(400, "BadConvexFunctionIdentifier", error.message);
  }
}

function parseArgsParameter(args: string | null): Record<string, JSONValue> | JSONValue[] {
  if (args === null) return {};
  let value: unknown;
  try {
    value = JSON.parse(args);
  } catch (cause) {
    throw refusal(
      400,
      "BadQueryArgs",
      `The query parameter \`args\` is not JSON: ${(cause as Error).message}`,
    );
  }
  const result = z.safeParse(argsShape, value);
  if (result.success) return result.data;
  throw refusal(400, "BadQueryArgs", "The query parameter `args` must be a JSON object.");
}

/** `/api/run/messages/list` names `messages:list`. */
function pathOfUrl({ pathname }: URL): string {
  const segments = pathname.slice(RUN_PREFIX.length).split("/").map(decodeSegment);
  const name = segments.pop();
  if (segments.length === 0 || segments.includes("") || name === undefined || name === "") {
    throw refusal(
      400,
      "BadConvexFunctionIdentifier",
      "Path or function name not provided in path, e.g. /api/run/messages/list",
    );
  }
  return `${segments.join("/")}:${name}`;
}

function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw refusal(400, "BadConvexFunctionIdentifier", `${segment} is not a valid part of a URL.`);
  }
}
