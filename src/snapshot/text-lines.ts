/** The lines of a text that comes in chunks of bytes. Holds one line and one chunk. */
import { importError } from "./snapshot-error";

/** A document of 1 MiB is at most 6 MiB of JSON: no longer line can be one. */
const MAX_LINE_LENGTH = 16 * 1024 * 1024;

/**
 * Lines without their ends. Text after the last line feed is a line; nothing after it is none.
 * @throws InvexError `ImportFailed` for a BOM, for what is not UTF-8, and for endless lines
 */
export async function* linesOf(
  chunks: AsyncIterable<Uint8Array>,
  file?: string,
): AsyncGenerator<string> {
  let rest = "";
  let line = 1;
  for await (const text of textOf(chunks, file)) {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const each of lines) {
      yield each;
      line += 1;
    }
    if (rest.length > MAX_LINE_LENGTH) {
      throw importError(`Row ${line} is longer than any document can be`, { file, line });
    }
  }
  if (rest !== "") yield rest;
}

/**
 * The text of a whole source of at most `maxBytes`; `tooLong` says what is wrong with a longer one,
 * as far as it was read.
 */
export async function wholeText(
  chunks: AsyncIterable<Uint8Array>,
  maxBytes: number,
  tooLong: (bytes: number) => Error,
): Promise<string> {
  let bytes = 0;
  async function* limited() {
    for await (const chunk of chunks) {
      bytes += chunk.length;
      if (bytes > maxBytes) throw tooLong(bytes);
      yield chunk;
    }
  }
  let text = "";
  for await (const part of textOf(limited())) text += part;
  return text;
}

async function* textOf(chunks: AsyncIterable<Uint8Array>, file?: string): AsyncGenerator<string> {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  const decode = (chunk?: Uint8Array) => {
    try {
      return chunk === undefined ? decoder.decode() : decoder.decode(chunk, { stream: true });
    } catch (cause) {
      throw importError("The text is not valid UTF-8.", { file }, cause);
    }
  };
  let isFirst = true;
  for await (const chunk of chunks) {
    const text = decode(chunk);
    if (text === "") continue;
    if (isFirst && text.startsWith("\ufeff")) {
      throw importError("UTF-8 BOM is not supported. Please save your file without BOM.", { file });
    }
    isFirst = false;
    yield text;
  }
  yield decode();
}
