/**
 * Who may ask the inspector anything. A page in a browser can be made to send requests by whoever
 * wrote another page it shows, so having the key is not enough: what is asked must come from the
 * inspector's own page, or from no page at all.
 *
 * Without a key, a name that leads to this machine is asked for as well: a page elsewhere whose name
 * was made to lead here (DNS rebinding) gives its own.
 */
import { isSameSecret } from "../auth/admin-key";

/** Holds the key. A header of our own: no other site's page may send it. */
export const KEY_HEADER = "x-invex-inspector-key";

export interface Refusal {
  readonly status: 401 | 403;
  readonly error: string;
}

/** @returns why the page must not be given out, if so. It holds no data: the key is not asked for. */
export function refusePage(request: Request, key: string | undefined): Refusal | undefined {
  if (key !== undefined || hostsOf(request).every(isLoopback)) return undefined;
  return {
    status: 403,
    error:
      "Without a key, the inspector answers requests to localhost only. Give it one: inspector(backend, { key }).",
  };
}

/** @returns why a call must not be answered, if so */
export function refuseCall(request: Request, key: string | undefined): Refusal | undefined {
  const refusal = refusePage(request, key);
  if (refusal !== undefined) return refusal;
  if (!isFromOwnPage(request)) {
    return { status: 403, error: "Only the inspector's own page may ask the inspector." };
  }
  if (key === undefined) return undefined;
  const given = request.headers.get(KEY_HEADER);
  if (given === null) return { status: 401, error: "This inspector asks for its key." };
  // As long for a wrong key as for the right one.
  return isSameSecret(given, key) ? undefined : { status: 401, error: "That is not the key." };
}

function isFromOwnPage(request: Request): boolean {
  const { headers } = request;
  // What a form or a plain request of another page can say is not JSON with a header of ours.
  if (headers.get("content-type")?.split(";")[0]?.trim() !== "application/json") return false;
  if (!headers.has(KEY_HEADER)) return false;
  const site = headers.get("sec-fetch-site");
  if (site !== null) return site === "same-origin";
  const origin = headers.get("origin");
  return origin === null || hostOf(origin) === hostsOf(request).at(-1);
}

/** The host a request is for: as its URL has it, and as the browser said, which the URL need not. */
function hostsOf({ url, headers }: Request): string[] {
  const said = headers.get("host");
  const host = new URL(url).host;
  return said === null ? [host] : [host, hostOf(`http://${said}`) ?? ""];
}

function hostOf(url: string): string | undefined {
  return URL.canParse(url) ? new URL(url).host : undefined;
}

function isLoopback(host: string): boolean {
  const hostname = host.replace(/:\d+$/, "");
  if (hostname === "localhost" || hostname.endsWith(".localhost")) return true;
  return hostname === "[::1]" || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(hostname);
}
