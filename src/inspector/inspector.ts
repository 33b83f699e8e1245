/** `inspector`: the page and what it asks, as one handler of requests to one URL. */
import { type EngineInside, INSIDE, type Inspectable } from "../backend/engine-inside";
import type { Backend } from "../backend/types";
import { readJson } from "../http/request-body";
import { isInvexError, userError } from "../shared/errors";
import { refuseCall, refusePage } from "./admission";
import { OpenPages } from "./open-pages";
import { type InspectorHandler, type InspectorOptions, parseInspectorOptions } from "./options";
import { pageResponse } from "./page-document";
import { type PageRequest, parsePageRequest } from "./wire";

/** The longest arguments of a function, and their packaging. */
const MAX_BODY_BYTES = 20 << 20;

/**
 * A page that looks into a running backend: tables with live rows, functions to call, logs, scheduled
 * functions and crons, live queries and why they ran again, commits as they happen. Whoever may open
 * it may read and change everything and call every function: see {@link InspectorOptions.key}.
 *
 * Mount the handler at any one path of any server that speaks in `Request` and `Response`; GET
 * requests get the page, which sends everything else to where it came from. The page is a sync
 * client of the backend. Nothing is recorded, and nothing costs, while no page is open.
 *
 * @throws InvexError `OptionsInvalid`; `NotSupported` for what is no backend of this process
 * @example
 * const inspect = inspector(backend, { key: process.env.INSPECTOR_KEY! });
 * // wherever requests arrive:
 * if (new URL(request.url).pathname === "/inspector") return inspect(request);
 */
export function inspector(backend: Backend, options?: InspectorOptions): InspectorHandler {
  const { key } = parseInspectorOptions(options);
  const pages = new OpenPages(backend.url);
  const inside = insideOf(backend);
  return async (request) => {
    switch (request.method) {
      case "GET":
      case "HEAD": {
        const refusal = refusePage(request, key);
        return refusal === undefined ? pageResponse() : refused(refusal);
      }
      case "POST": {
        const refusal = refuseCall(request, key);
        return refusal === undefined ? answer(request, pages, inside) : refused(refusal);
      }
      default:
        return refused({ status: 405, error: "The inspector takes GET and POST." });
    }
  };
}

function insideOf(backend: Backend): () => Promise<EngineInside> {
  const inspectable = backend as unknown as Partial<Inspectable>;
  const inside = inspectable?.[INSIDE];
  if (inside !== undefined) return inside;
  throw userError("NotSupported", "inspector() looks into what createBackend() has returned.");
}

async function answer(
  request: Request,
  pages: OpenPages,
  inside: () => Promise<EngineInside>,
): Promise<Response> {
  try {
    const asked = parsePageRequest(await readJson(request, MAX_BODY_BYTES));
    if ("problem" in asked) return refused({ status: 400, error: asked.problem });
    return asked.type === "open" ? openPage(pages, await inside()) : say(pages, asked);
  } catch (error) {
    if (!isInvexError(error)) throw error;
    const { status = error.code === "BackendClosed" ? 503 : 400 } = error.fields;
    return refused({ status: status as number, error: error.message });
  }
}

function openPage(pages: OpenPages, inside: EngineInside): Response {
  const page = pages.open(inside);
  if (page === undefined) return refused({ status: 503, error: "Too many inspectors are open." });
  const headers = {
    "content-type": "application/x-ndjson",
    // What stands between must neither keep it nor wait for more of it.
    "cache-control": "no-store, no-transform",
    "x-accel-buffering": "no",
  };
  return new Response(page.body, { headers });
}

function say(pages: OpenPages, { page: name, frames }: PageRequest & { type: "say" }): Response {
  const page = pages.named(name);
  if (page === undefined) return refused({ status: 410, error: "This page's stream has ended." });
  page.receive(frames);
  return new Response(null, { status: 204 });
}

function refused({ status, error }: { status: number; error: string }): Response {
  const headers = { "cache-control": "no-store", "x-content-type-options": "nosniff" };
  return Response.json({ error }, { status, headers });
}
