/** The options of imports and exports, and what an import answers. Parsed here: wrong ones are named. */
import {
  type Check,
  callable,
  flag,
  optional,
  type Refuse,
  satisfying,
  shape,
  text,
} from "../shared/check-shape";
import { userError } from "../shared/errors";
import { type ByteSource, isByteSource } from "./byte-source";
import type { OnProgress } from "./progress";

/**
 * What becomes of documents that are there. `requireEmpty`: none may be, in the tables of the import.
 * `append`: they stay. `replace`: those of the import's tables go. `replaceAll`: all go.
 */
export type ImportMode = "requireEmpty" | "append" | "replace" | "replaceAll";

/** `uniform`: lines as snapshots have them. The others are those of `npx convex import`. */
export type TableFormat = "jsonLines" | "jsonArray" | "uniform";

export interface ExportSnapshotOptions {
  /** Whether the archive has the files of `ctx.storage`. Default: true. */
  readonly includeFileStorage?: boolean | undefined;
  readonly onProgress?: OnProgress | undefined;
}

export interface ImportSnapshotOptions {
  /** Default: `"requireEmpty"`. */
  readonly mode?: ImportMode | undefined;
  /** Path of the component to import into. Default: the app. */
  readonly component?: string | undefined;
  readonly onProgress?: OnProgress | undefined;
}

export interface ExportTableOptions {
  /** Path of the component. Default: the app. */
  readonly component?: string | undefined;
  /** Default: `"jsonLines"`, which has no form for Int64, bytes, NaN and infinities. */
  readonly format?: "jsonLines" | "uniform" | undefined;
  readonly onProgress?: OnProgress | undefined;
}

export interface ImportTableOptions {
  /** Path of the component. Default: the app. */
  readonly component?: string | undefined;
  /** Default: `"jsonLines"`, where every number is a float. */
  readonly format?: TableFormat | undefined;
  /** Default: `"requireEmpty"`. */
  readonly mode?: Exclude<ImportMode, "replaceAll"> | undefined;
  readonly onProgress?: OnProgress | undefined;
}

/** What an import has brought. */
export interface ImportReport {
  /** The one commit it was, in nanoseconds since the epoch; of the latest one if nothing changed. */
  readonly ts: bigint;
  /** `_storage` counts files. */
  readonly tables: readonly {
    readonly component: string;
    readonly table: string;
    readonly documents: number;
  }[];
}

const onProgress = optional(callable);
const component = optional(text);

function oneOf(...choices: readonly string[]): Check {
  const wanted = choices.map((choice) => `"${choice}"`).join(" or ");
  return optional(satisfying((value) => choices.includes(value as string), wanted));
}

type Checks<Options> = { readonly [Option in keyof Required<Options>]: Check };

const exportSnapshot: Checks<ExportSnapshotOptions> = {
  includeFileStorage: optional(flag),
  onProgress,
};

const importSnapshot: Checks<ImportSnapshotOptions> = {
  mode: oneOf("requireEmpty", "append", "replace", "replaceAll"),
  component,
  onProgress,
};

const exportTable: Checks<ExportTableOptions> = {
  component,
  format: oneOf("jsonLines", "uniform"),
  onProgress,
};

const importTable: Checks<ImportTableOptions> = {
  component,
  format: oneOf("jsonLines", "jsonArray", "uniform"),
  mode: oneOf("requireEmpty", "append", "replace"),
  onProgress,
};

const checks = { exportSnapshot, importSnapshot, exportTable, importTable };

interface OptionsOf {
  readonly exportSnapshot: ExportSnapshotOptions;
  readonly importSnapshot: ImportSnapshotOptions;
  readonly exportTable: ExportTableOptions;
  readonly importTable: ImportTableOptions;
}

/** @throws InvexError `OptionsInvalid`, naming the option */
export function parseOptionsOf<Method extends keyof OptionsOf>(
  method: Method,
  options: unknown = {},
): OptionsOf[Method] {
  const refuse: Refuse = (path, problem) => {
    const option = path === "" ? "its options" : `option \`${path}\``;
    throw userError("OptionsInvalid", `${method}: ${option}: ${problem}`, { option: path });
  };
  shape(checks[method])(options, "", refuse);
  return options as OptionsOf[Method];
}

/** @throws InvexError `OptionsInvalid` */
export function parseSource(method: string, source: unknown): ByteSource {
  if (isByteSource(source)) return source;
  throw userError(
    "OptionsInvalid",
    `${method}: its source must be bytes: a Uint8Array, an ArrayBuffer, a Blob, a ReadableStream or an async iterable of Uint8Arrays.`,
    { option: "source" },
  );
}
