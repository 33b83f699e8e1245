/**
 * Which file of a snapshot archive holds what (functions.md 11.1): the names of those that are
 * written, and the meaning of those that are found. Knows nothing of ZIP.
 */

/** What a path inside an archive leads to. */
export type ArchivePart = { readonly component: readonly string[] } & (
  | { readonly kind: "tables" }
  | { readonly kind: "documents"; readonly table: string }
  | { readonly kind: "encoding"; readonly table: string }
  | { readonly kind: "fileRows" }
  | { readonly kind: "file"; readonly id: string }
);

const DOCUMENTS = "documents.jsonl";
const ENCODING = "generated_schema.jsonl";
const TABLES = "_tables";
const STORAGE = "_storage";
const COMPONENTS = "_components";

/**
 * The meaning of a path, or `undefined` for what no import reads. Folders before the table count
 * only where they name components.
 */
export function partAt(path: string): ArchivePart | undefined {
  const [file, folder, ...outer] = path.split("/").reverse();
  if (file === undefined || folder === undefined || file === "") return undefined;
  const component = componentOf(outer.reverse());
  if (folder === STORAGE && file !== ENCODING) {
    return file === DOCUMENTS
      ? { component, kind: "fileRows" }
      : { component, kind: "file", id: file.replace(/\..*$/, "") };
  }
  if (folder === TABLES) return file === DOCUMENTS ? { component, kind: "tables" } : undefined;
  if (folder.startsWith("_") || outer.at(-1) === COMPONENTS) return undefined;
  if (file === DOCUMENTS) return { component, kind: "documents", table: folder };
  return file === ENCODING ? { component, kind: "encoding", table: folder } : undefined;
}

function componentOf(folders: readonly string[]): string[] {
  const names: string[] = [];
  for (let i = 0; i < folders.length; i++) {
    const name = folders[i + 1];
    if (folders[i] !== COMPONENTS || name === undefined) continue;
    names.push(name);
    i += 1;
  }
  return names;
}

/** Paths of what is written for a component, `""` being the app. */
export class ComponentPaths {
  readonly #folder: string;

  constructor(component: string) {
    const names = component === "" ? [] : component.split("/");
    this.#folder = names.map((name) => `${COMPONENTS}/${name}/`).join("");
  }

  get tables(): string {
    return `${this.#folder}${TABLES}/${DOCUMENTS}`;
  }

  documents(table: string): string {
    return `${this.#folder}${table}/${DOCUMENTS}`;
  }

  encoding(table: string): string {
    return `${this.#folder}${table}/${ENCODING}`;
  }

  file(id: string, contentType: string | undefined): string {
    return `${this.#folder}${STORAGE}/${id}${extensionOf(contentType)}`;
  }
}

/** What the exporter's files say of their encoding. */
export const UNIFORM_MARK = '"uniform"\n';

const EXTENSIONS: ReadonlyMap<string, string> = new Map([
  ["application/gzip", ".gz"],
  ["application/json", ".json"],
  ["application/pdf", ".pdf"],
  ["application/zip", ".zip"],
  ["audio/mpeg", ".mp3"],
  ["audio/wav", ".wav"],
  ["image/gif", ".gif"],
  ["image/jpeg", ".jpeg"],
  ["image/png", ".png"],
  ["image/svg+xml", ".svg"],
  ["image/webp", ".webp"],
  ["text/css", ".css"],
  ["text/csv", ".csv"],
  ["text/html", ".html"],
  ["text/javascript", ".js"],
  ["text/plain", ".txt"],
  ["video/mp4", ".mp4"],
  ["video/webm", ".webm"],
]);

/** For people who unpack an archive; imports do not look at it. */
function extensionOf(contentType = ""): string {
  return EXTENSIONS.get(contentType.split(";")[0]?.trim().toLowerCase() ?? "") ?? "";
}
