/** Sources that are one table, in the formats of `npx convex import` (functions.md 11.2). */
import { isInvexError } from "../shared/errors";
import type { ValueObject } from "../values/value";
import { type ByteSource, chunksIn } from "./byte-source";
import { checkRow, parseRow } from "./imported-table";
import type { TableFormat } from "./options";
import { type OnProgress, TableProgress } from "./progress";
import { importError, messageOf } from "./snapshot-error";
import { linesOf, wholeText } from "./text-lines";
import { type Encoding, plainValue } from "./uniform-json";

export interface TableFile {
  readonly component: string;
  readonly table: string;
  readonly format: TableFormat;
  readonly onProgress: OnProgress | undefined;
}

/** An array has to be there as a whole before its first row is. */
const MAX_ARRAY_BYTES = 16 * 1024 * 1024;

/** @throws InvexError `ImportFailed`, naming the row */
export async function readTableFile(source: ByteSource, file: TableFile): Promise<ValueObject[]> {
  const progress = new TableProgress(file.component, file.table, file.onProgress);
  const chunks = chunksIn(source);
  const rows: ValueObject[] = [];
  const parsed =
    file.format === "jsonArray"
      ? arrayRows(chunks)
      : lineRows(chunks, file.format === "uniform" ? "uniform" : "plain");
  for await (const row of parsed) {
    rows.push(row);
    progress.count();
  }
  progress.end();
  return rows;
}

async function* lineRows(
  chunks: AsyncIterable<Uint8Array>,
  encoding: Encoding,
): AsyncGenerator<ValueObject> {
  let line = 0;
  for await (const text of linesOf(chunks)) {
    line += 1;
    yield parseRow(text, encoding, { line });
  }
}

async function* arrayRows(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<ValueObject> {
  const text = await wholeText(chunks, MAX_ARRAY_BYTES, (bytes) =>
    importError(
      `Import is too large for JSON (${bytes} bytes > maximum ${MAX_ARRAY_BYTES}). Consider converting data to JSONLines`,
    ),
  );
  for (const [i, json] of parseArray(text).entries()) yield arrayRow(json, i + 1);
}

function parseArray(text: string): unknown[] {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw importError(`Not a JSON array: ${messageOf(cause)}`, {}, cause);
  }
  if (Array.isArray(json)) return json;
  throw importError("Not a JSON array");
}

function arrayRow(json: unknown, line: number): ValueObject {
  try {
    return checkRow(plainValue(json), { line });
  } catch (cause) {
    if (isInvexError(cause)) throw cause;
    const problem = `Row ${line} wasn't a valid Convex value: ${messageOf(cause)}`;
    throw importError(problem, { line }, cause);
  }
}
