/** Bodies of requests, never longer than allowed and never believed to be what they say they are. */
import { type InvexError, isInvexError } from "../shared/errors";
import { chunksOf } from "../storage/byte-stream";
import { refusal } from "./refusal";

const METHODS_WITHOUT_BODY = new Set(["GET", "HEAD", "OPTIONS"]);

/**
 * The JSON in a request's body.
 * @throws InvexError a refusal: wrong content type, too long, cut short, no JSON
 */
export async function readJson(request: Request, maxBytes: number): Promise<unknown> {
  const type = request.headers.get("content-type")?.split(";")[0]?.trim().toLowerCase();
  if (type !== "application/json") {
    throw badJson("Expected request with `Content-Type: application/json`");
  }
  const text = await readText(request, maxBytes);
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw badJson(`Failed to parse the request body as JSON: ${(cause as Error).message}`);
  }
}

/** A refusal of a body that is no JSON, or not of the shape it should have. */
export function badJson(message: string): InvexError {
  return refusal(400, "BadJsonBody", message);
}

async function readText(request: Request, maxBytes: number): Promise<string> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let text = "";
  try {
    for await (const chunk of chunksOf(limitedBody(request, maxBytes))) {
      text += decoder.decode(chunk, { stream: true });
    }
    return text + decoder.decode();
  } catch (cause) {
    if (isInvexError(cause)) throw cause;
    throw badJson(`Failed to read the request body: ${(cause as Error).message}`);
  }
}

/**
 * The request with a body that ends in a refusal as soon as it is longer than `maxBytes`; without
 * one where the method has none.
 * @throws InvexError that refusal at once when the request says so itself
 */
export function withLimitedBody(request: Request, maxBytes: number): Request {
  if (request.body === null) return request;
  const { headers, method, signal, url } = request;
  const body = limitedBody(request, maxBytes);
  if (body === null) return new Request(url, { headers, method, signal });
  const init: RequestInit & { duplex: "half" } = { body, duplex: "half" };
  return new Request(request, init);
}

function limitedBody(request: Request, maxBytes: number): ReadableStream<Uint8Array> | null {
  if (request.body === null || METHODS_WITHOUT_BODY.has(request.method)) return null;
  if (Number(request.headers.get("content-length")) > maxBytes) throw tooLarge(maxBytes);
  let bytes = 0;
  const limiter = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      bytes += chunk.byteLength;
      if (bytes > maxBytes) controller.error(tooLarge(maxBytes));
      else controller.enqueue(chunk);
    },
  });
  return request.body.pipeThrough(limiter);
}

function tooLarge(maxBytes: number): InvexError {
  return refusal(
    413,
    "RequestTooLarge",
    `The request body is too large (limit: ${maxBytes} bytes)`,
  );
}
