/** Every function of the inspector's own, by name. */
import { deleteDocument, document, insertDocument, replaceDocument } from "./documents";
import { explain, functions, liveQueries } from "./reports";
import { rows } from "./rows";
import { cancelJob, crons } from "./schedule";
import type { SystemFunction } from "./system-function";
import { tables } from "./tables";

export const systemFunctions: readonly SystemFunction[] = [
  ...[tables, rows, document, replaceDocument, insertDocument, deleteDocument],
  ...[crons, cancelJob],
  ...[functions, liveQueries, explain],
];
