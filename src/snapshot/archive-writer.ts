/** Writes a ZIP archive as a stream, one file after another, in whatever size they turn out to have. */
import type { ZipWriter } from "@zip.js/zip.js";
import { streamOf } from "../storage/byte-stream";

export class ArchiveWriter {
  readonly #zip: ZipWriter<unknown>;
  readonly #date: Date;

  private constructor(zip: ZipWriter<unknown>, date: Date) {
    this.#zip = zip;
    this.#date = date;
  }

  /** @param nowMs the date of every file */
  static async open(writable: WritableStream<Uint8Array>, nowMs: number): Promise<ArchiveWriter> {
    const { ZipWriter } = await import("@zip.js/zip.js/lib/zip-core-writer.js");
    const zip = new ZipWriter(writable, { useWebWorkers: false, keepOrder: true });
    return new ArchiveWriter(zip, new Date(nowMs));
  }

  /** Writes a whole file. Waits for whoever reads the archive. */
  async add(path: string, chunks: AsyncIterable<Uint8Array<ArrayBuffer>>): Promise<void> {
    await this.#zip.add(path, streamOf(chunks), {
      lastModDate: this.#date,
      extendedTimestamp: false,
      unixMode: 0o644,
    });
  }

  async addText(path: string, text: string): Promise<void> {
    await this.add(path, bytesOf(text));
  }

  /** Writes the directory and ends the stream. */
  async close(): Promise<void> {
    await this.#zip.close();
  }
}

async function* bytesOf(text: string): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  if (text !== "") yield new TextEncoder().encode(text);
}
