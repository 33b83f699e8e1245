/** Pages of a query: where they begin and end, and how they say there is more (engine.md 5.7, 5.8). */
import { isInvexError, userError } from "../shared/errors";
import { ConvexError } from "../values/convex-error";
import { CursorKey, decodeCursor, END_POSITION, encodeCursor, queryFingerprint } from "./cursor";
import type { DocumentVersion } from "./document";
import type { ScanBudget } from "./index-scan";
import type { PageReader } from "./page-reader";
import {
  describeQuery,
  openQuery,
  type PageBounds,
  type PageSource,
  type QueryPlan,
} from "./query-plan";
import type { Transaction } from "./transaction";

export interface PageRequest {
  readonly numItems: number;
  readonly cursor: string | null;
  readonly endCursor?: string | null | undefined;
  readonly maximumRowsRead?: number | undefined;
  readonly maximumBytesRead?: number | undefined;
}

export type PageStatus = "SplitRecommended" | "SplitRequired";

export interface Page {
  readonly versions: readonly DocumentVersion[];
  readonly isDone: boolean;
  readonly continueCursor: string;
  readonly splitCursor: string | null;
  readonly pageStatus: PageStatus | null;
}

const MAX_ITEMS = 32_000;
const SOFT_MAX_ROWS = 32_000;
const SOFT_MAX_BYTES = 16 * 1024 * 1024;
const SOFT_MAX_PAGE = 6144;

/** Read limits that end a page instead of failing the function. */
const PAGE_ENDING = new Set<string>([
  "PaginationLimit",
  "TooManyDocumentsRead",
  "TooManyBytesRead",
  "TooManyReads",
]);

/** @param secret 32 secret bytes. @param instance the backend's name in errors about cursors */
export function createPageReader(secret: Uint8Array, instance: string): PageReader {
  const key = new CursorKey(secret, instance);
  return (tx, plan, request, journalEnd) => readPage(tx, plan, request, key, journalEnd);
}

/**
 * One page.
 * @param journalEnd where the page ended the last time this query ran, unless the caller says where
 *   to end: so a live page keeps covering the same keys
 */
export function readPage(
  tx: Transaction,
  plan: QueryPlan,
  request: PageRequest,
  key: CursorKey,
  journalEnd: string | undefined,
): Page {
  checkRequest(request);
  const fingerprint = queryFingerprint(describeQuery(tx, plan));
  const encode = (position: string) => encodeCursor({ position, fingerprint }, key);
  const decode = (cursor: string) => positionOf(cursor, fingerprint, key);
  const start = request.cursor === null ? undefined : decode(request.cursor);
  const endCursor = request.endCursor ?? journalEnd;
  const end = endCursor === undefined ? undefined : decode(endCursor);
  if (start === END_POSITION) return { ...EMPTY, continueCursor: encode(END_POSITION) };
  if (end === START_POSITION) return { ...EMPTY, isDone: false, continueCursor: encode(end) };
  const bounds = {
    after: start === START_POSITION ? undefined : start,
    through: end === END_POSITION ? undefined : end,
  };
  const pulled = pullPage(tx, plan, request, bounds, end !== undefined);
  const finish = pulled.isCut || end === undefined ? pulledTo(pulled, start) : end;
  return {
    versions: pulled.versions,
    isDone: finish === END_POSITION,
    continueCursor: encode(finish),
    splitCursor: splitCursor(pulled.source, encode),
    pageStatus: pulled.isCut ? "SplitRequired" : recommendation(pulled, request),
  };
}

/** After the last row pulled; the end only if it was observed. */
function pulledTo({ source, isCut }: PulledPage, start: string | undefined): string {
  if (source.hasSeenEnd && !isCut) return END_POSITION;
  return source.lastKey ?? start ?? START_POSITION;
}

/** Before the first row, in either order: where a page ends that was cut before it had any. */
const START_POSITION = "";

const EMPTY = { versions: [], isDone: true, splitCursor: null, pageStatus: null } as const;

interface PulledPage {
  readonly versions: readonly DocumentVersion[];
  readonly source: PageSource;
  /** A read limit ended the page. */
  readonly isCut: boolean;
}

function pullPage(
  tx: Transaction,
  plan: QueryPlan,
  request: PageRequest,
  bounds: PageBounds,
  hasEnd: boolean,
): PulledPage {
  const budget: ScanBudget | undefined = hasEnd
    ? undefined
    : { rows: request.maximumRowsRead, bytes: request.maximumBytesRead };
  const running = openQuery(tx, plan, { bounds, budget });
  const wanted = hasEnd ? Number.POSITIVE_INFINITY : request.numItems;
  const versions: DocumentVersion[] = [];
  let isCut = false;
  try {
    while (versions.length < wanted) {
      const version = running.next(hasEnd ? request.numItems : wanted - versions.length);
      if (version === undefined) break;
      versions.push(version);
    }
  } catch (error) {
    if (!isInvexError(error) || !PAGE_ENDING.has(error.code)) throw error;
    isCut = true;
  }
  return { versions, source: running.source, isCut };
}

function splitCursor(source: PageSource, encode: (position: string) => string): string | null {
  const keys = source.pulledKeys ?? [];
  const middle = keys.length < 3 ? undefined : keys[Math.floor(keys.length / 2)];
  return middle === undefined ? null : encode(middle);
}

function recommendation(pulled: PulledPage, request: PageRequest): PageStatus | null {
  const { source, versions } = pulled;
  const maxRows = Math.min(request.maximumRowsRead ?? SOFT_MAX_ROWS, SOFT_MAX_ROWS);
  const maxBytes = Math.min(request.maximumBytesRead ?? SOFT_MAX_BYTES, SOFT_MAX_BYTES);
  const isLarge =
    source.rowsFetched > 0.75 * maxRows ||
    source.bytesPulled > 0.75 * maxBytes ||
    versions.length > SOFT_MAX_PAGE;
  return isLarge ? "SplitRecommended" : null;
}

function positionOf(cursor: string, fingerprint: string, key: CursorKey): string {
  const decoded = decodeCursor(cursor, key);
  if (decoded.fingerprint !== fingerprint) throw invalidCursor();
  return decoded.position;
}

/** The React hook starts over when it sees this error (engine.md 5.8). */
function invalidCursor(): Error {
  const error = new ConvexError({ isConvexSystemError: true, paginationError: "InvalidCursor" });
  error.message =
    "InvalidCursor: Tried to run a query starting from a cursor, but it looks like this cursor is from a different query.";
  return error;
}

function checkRequest(request: PageRequest): void {
  const { numItems, maximumRowsRead, maximumBytesRead } = request;
  for (const [name, value] of Object.entries({
    pageSize: numItems,
    maximumRowsRead,
    maximumBytesRead,
  })) {
    if (value === undefined || (Number.isInteger(value) && value >= 0 && value < 2 ** 32)) continue;
    throw userError(
      "ArgumentsInvalid",
      `Invalid arguments for \`queryPage\`: ${name}: expected a non-negative integer, got ${value}`,
    );
  }
  if (numItems === 0) {
    throw userError("QueryInvalid", "Must request at least 1 document while paginating");
  }
  if (numItems > MAX_ITEMS) {
    throw userError("QueryInvalid", `Requested too many items: ${numItems}`);
  }
  if (maximumRowsRead === 0 || maximumBytesRead === 0) {
    throw userError("QueryInvalid", "maximumRowsRead and maximumBytesRead must be greater than 0");
  }
}
