/** What an import may be handed: bytes, or anything that gives them one after another. */
import { chunksOf } from "../storage/byte-stream";

/** The bytes of an import. A `Blob` of a file on disk is read where needed, the others into memory. */
export type ByteSource =
  | Uint8Array
  | ArrayBuffer
  | Blob
  | ReadableStream<Uint8Array>
  | AsyncIterable<Uint8Array>;

export function isByteSource(value: unknown): value is ByteSource {
  if (value instanceof Blob || value instanceof ReadableStream) return true;
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return true;
  return typeof value === "object" && value !== null && Symbol.asyncIterator in value;
}

/** The bytes in chunks. Leaving the loop early cancels a stream. */
export function chunksIn(source: ByteSource): AsyncIterable<Uint8Array> {
  if (source instanceof Blob) return chunksOf(source.stream());
  if (source instanceof ReadableStream) return chunksOf(source);
  if (source instanceof Uint8Array || source instanceof ArrayBuffer) {
    return chunksOf(new Blob([source as BlobPart]).stream());
  }
  return source;
}

/** The bytes as something that can be read anywhere in. */
export async function blobIn(source: ByteSource): Promise<Blob> {
  if (source instanceof Blob) return source;
  if (source instanceof Uint8Array || source instanceof ArrayBuffer) {
    return new Blob([source as BlobPart]);
  }
  const chunks: BlobPart[] = [];
  for await (const chunk of chunksIn(source)) chunks.push(chunk.slice());
  return new Blob(chunks);
}
