/** Between the three forms bytes flow in: streams of the platform, iterables, and blobs. */

/** The chunks of a stream. Leaving the loop early cancels the stream. */
export async function* chunksOf(
  stream: ReadableStream<Uint8Array> | null,
): AsyncGenerator<Uint8Array> {
  if (stream === null) return;
  const reader = stream.getReader();
  let isDone = false;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      isDone = done;
      if (done) return;
      yield asBytes(value);
    }
  } finally {
    // Nobody wants the rest, nor to know whether that could be said.
    if (!isDone) reader.cancel().catch(() => {});
    reader.releaseLock();
  }
}

/** A stream that pulls one chunk at a time from `chunks`. */
export function streamOf(
  chunks: AsyncIterable<Uint8Array<ArrayBuffer>>,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const iterator = chunks[Symbol.asyncIterator]();
  return new ReadableStream(
    {
      async pull(controller) {
        const { done, value } = await iterator.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      async cancel() {
        await iterator.return?.();
      },
    },
    { highWaterMark: 0 },
  );
}

/** Streams may carry anything; a body must carry bytes. */
function asBytes(chunk: unknown): Uint8Array {
  if (ArrayBuffer.isView(chunk)) {
    return new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  }
  throw new TypeError("Expected a stream of bytes.");
}
