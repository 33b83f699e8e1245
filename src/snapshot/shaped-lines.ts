/** Lines of JSON that describe tables and files: not documents, but objects of a known shape. */
import * as z from "zod/mini";
import type { ArchiveEntry } from "./archive-reader";
import { importError, messageOf, type Place } from "./snapshot-error";
import { linesOf } from "./text-lines";

/** @throws InvexError `ImportFailed`, naming the line and the field */
export async function* shapedLines<Shape extends z.ZodMiniType>(
  entry: ArchiveEntry,
  shape: Shape,
): AsyncGenerator<{ readonly row: z.infer<Shape>; readonly place: Place }> {
  let line = 0;
  for await (const text of linesOf(entry.chunks(), entry.path)) {
    line += 1;
    const place = { file: entry.path, line };
    yield { row: parseShaped(shape, text, place), place };
  }
}

function parseShaped<Shape extends z.ZodMiniType>(
  shape: Shape,
  text: string,
  place: Place,
): z.infer<Shape> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw importError(`Row ${place.line} wasn't valid JSON: ${messageOf(cause)}`, place, cause);
  }
  const parsed = z.safeParse(shape, json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const field = issue?.path[0] === undefined ? undefined : String(issue.path[0]);
  throw importError(`Row ${place.line} wasn't as expected: ${issue?.message}`, { ...place, field });
}
