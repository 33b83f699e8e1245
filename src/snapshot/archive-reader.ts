/**
 * Reads ZIP archives that may be anything: truncated, lying about sizes, encrypted, ambiguous. What
 * an entry gives is what its checksum says, or an error. The format itself is zip.js's business.
 */
import type { Entry, FileEntry, Reader, ZipReader } from "@zip.js/zip.js";
import { chunksOf } from "../storage/byte-stream";
import { importError, messageOf } from "./snapshot-error";

/** One file of an archive. */
export interface ArchiveEntry {
  readonly path: string;
  /** Its bytes, to be read once. @throws InvexError `ImportFailed` when they are damaged */
  chunks(): AsyncIterable<Uint8Array>;
}

/**
 * Lists the files of an archive: reads its directory, no more.
 * @throws InvexError `ImportFailed` when it is no archive, or one path is there twice
 */
export async function openArchive(blob: Blob): Promise<ArchiveEntry[]> {
  const { ZipReader } = await import("@zip.js/zip.js/lib/zip-core-reader.js");
  const reader: ZipReader<unknown> = new ZipReader(readerOf(blob), {
    checkCrc32: true,
    checkLocalFilename: true,
    // Sizes after the data have more than one form; the directory has them too, and checksums decide.
    checkOverlappingEntry: false,
    // Paths name tables here, never files of a disk: folders around them do not matter.
    filenameValidation: "tolerant",
    useWebWorkers: false,
  });
  try {
    const entries = await reader.getEntries();
    const doubt = reader.warnings?.find(({ reason }) => DOUBTS.has(reason));
    if (doubt !== undefined) throw new Error(doubt.reason);
    const files = entries.filter(isFile);
    assertDistinct(files);
    return files.map((file) => ({ path: file.filename, chunks: () => contentOf(file) }));
  } catch (cause) {
    throw importError(
      `The source is not a ZIP archive that can be read: ${messageOf(cause)}`,
      {},
      cause,
    );
  }
}

/** What zip.js only warns of, and what would bring a part of the archive or another one inside it. */
const DOUBTS: ReadonlySet<string> = new Set([
  "trailing central directory data",
  "multiple end of central directory records",
]);

/** Bytes anywhere in a blob, as zip.js asks for them. */
function readerOf(blob: Blob): Reader<unknown> {
  const reader = {
    size: blob.size,
    readUint8Array: async (offset: number, length: number) =>
      new Uint8Array(await blob.slice(offset, offset + length).arrayBuffer()),
    createReadable: ({ offset, size }: { offset: number; size: number }) =>
      blob.slice(offset, offset + size).stream(),
  };
  return reader as unknown as Reader<unknown>;
}

/** @throws Error for a folder that has data, which is a file with a wrong name */
function isFile(entry: Entry): entry is FileEntry {
  // Two bytes are how some tools deflate nothing.
  if (entry.directory && entry.uncompressedSize + entry.compressedSize > 2) {
    throw new Error(`the folder ${entry.filename} has data`);
  }
  return !entry.directory;
}

function assertDistinct(files: readonly FileEntry[]): void {
  const paths = new Set<string>();
  for (const { filename } of files) {
    if (paths.has(filename)) throw new Error(`${filename} is in it twice`);
    paths.add(filename);
  }
}

async function* contentOf(entry: FileEntry): AsyncGenerator<Uint8Array> {
  const { filename: file, uncompressedSize } = entry;
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const reading = entry.getData(writable);
  // Heard of below, where the stream breaks off too.
  reading.catch((error) => writable.abort(error).catch(() => {}));
  try {
    let size = 0;
    for await (const chunk of chunksOf(readable)) {
      size += chunk.length;
      if (size > uncompressedSize) throw new Error(`It holds more than ${uncompressedSize} bytes`);
      yield chunk;
    }
    await reading;
  } catch (cause) {
    throw importError(`The archive is damaged: ${messageOf(cause)}`, { file }, cause);
  }
}
