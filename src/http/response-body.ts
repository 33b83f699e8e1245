/**
 * What an HTTP action's response streams, on its way to the client: counted, cut at Convex's limit,
 * and ended, not broken, when its source fails (functions.md 4.2).
 */

/** Longest body of a response, in bytes. */
export const MAX_RESPONSE_BYTES = 20 * 1024 * 1024;

export interface BodyWatcher {
  /** The source failed; the client sees a body that ends here. */
  onError(error: unknown): void;
  /** The body was longer than allowed; the client gets what came before. */
  onTooLarge(): void;
  /** Nothing more will be read, whatever the reason. Called once. */
  onEnd(): void;
}

/** The response as the client gets it. Its body is pulled no faster than it is read. */
export function watchedResponse(response: Response, watcher: BodyWatcher): Response {
  const { status, statusText, headers, body } = response;
  if (body === null) {
    watcher.onEnd();
    return new Response(null, { status, statusText, headers });
  }
  const watched = watchedBody(body.getReader(), watcher);
  return new Response(watched, { status, statusText, headers });
}

/** The answer to `HEAD`: all but the body, which is not produced further. */
export function withoutBody(response: Response, watcher?: BodyWatcher): Response {
  const { status, statusText, headers, body } = response;
  body?.cancel().catch(() => {});
  watcher?.onEnd();
  return new Response(null, { status, statusText, headers });
}

function watchedBody(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  watcher: BodyWatcher,
): ReadableStream<Uint8Array> {
  let bytes = 0;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const chunk = await nextChunk(reader, watcher);
        bytes += chunk?.byteLength ?? 0;
        if (chunk !== undefined && bytes <= MAX_RESPONSE_BYTES) return controller.enqueue(chunk);
        if (chunk !== undefined) {
          controller.enqueue(chunk.subarray(0, chunk.byteLength - (bytes - MAX_RESPONSE_BYTES)));
          watcher.onTooLarge();
          reader.cancel().catch(() => {});
        }
        controller.close();
        watcher.onEnd();
      },
      async cancel(reason) {
        watcher.onEnd();
        await reader.cancel(reason);
      },
    },
    { highWaterMark: 0 },
  );
}

/** `undefined` at the end, be it a good one or not. */
async function nextChunk(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  watcher: BodyWatcher,
): Promise<Uint8Array | undefined> {
  try {
    const { value } = await reader.read();
    return value;
  } catch (error) {
    watcher.onError(error);
    return undefined;
  }
}
