/** Cross-origin access to `/api`: open to everybody, as in Convex. HTTP actions look after theirs. */

const METHODS = "GET, POST, HEAD, OPTIONS";
const DEFAULT_HEADERS = "Authorization, Content-Type, Convex-Client, Digest, Range";
const EXPOSED_HEADERS = "Accept-Ranges, Content-Length, Content-Range, Digest";
const MAX_AGE_S = "86400";

/** The answer to a preflight. */
export function preflightResponse(request: Request): Response {
  const asked = request.headers.get("access-control-request-headers");
  return withCors(
    new Response(null, {
      status: 200,
      headers: {
        "Access-Control-Allow-Methods": METHODS,
        "Access-Control-Allow-Headers": asked ?? DEFAULT_HEADERS,
        "Access-Control-Max-Age": MAX_AGE_S,
      },
    }),
  );
}

/** Marks a response of the backend's own as readable from every origin. */
export function withCors(response: Response): Response {
  response.headers.set("Access-Control-Allow-Origin", "*");
  response.headers.set("Access-Control-Expose-Headers", EXPOSED_HEADERS);
  return response;
}
