/** Files over HTTP: uploads by URL, downloads by UUID (functions.md 6.1, 6.2). */
import type { Transaction } from "../db/transaction";
import { isInvexError } from "../shared/errors";
import { chunksOf, streamOf } from "../storage/byte-stream";
import { type FileRow, findFile, insertFile, isUuid } from "../storage/file-row";
import type { Files } from "../storage/files";
import { parseByteRange } from "./byte-range";
import { refusal } from "./refusal";

export const STORAGE_PREFIX = "/api/storage/";
export const UPLOAD_PATH = "/api/storage/upload";

const CACHE_CONTROL = "private, max-age=2592000";

export interface FileEndpointsOptions {
  readonly files: Files;
  readonly now: () => number;
  readonly hasComponent: (component: string) => boolean;
  /** Runs `body` in a transaction of its own, until it has committed. */
  readonly transact: <T>(body: (tx: Transaction) => T) => Promise<T>;
  /** Runs `body` on the newest version. */
  readonly read: <T>(body: (tx: Transaction) => T) => T;
}

export class FileEndpoints {
  readonly #options: FileEndpointsOptions;

  constructor(options: FileEndpointsOptions) {
    this.#options = options;
  }

  /**
   * Takes a file in. Its row is there when the answer is, whether or not a mutation ever comes for it.
   * @throws InvexError a refusal; then nothing was kept
   */
  async upload(request: Request, url: URL): Promise<Response> {
    const { files, transact } = this.#options;
    const component = await this.#permitted(url);
    const digest = parseDigest(request.headers.get("digest"));
    const file = await this.#keep(request, digest);
    try {
      const storageId = await transact((tx) => insertFile(tx, component, file));
      return Response.json({ storageId });
    } catch (error) {
      await files.discard(file.storageId);
      throw error;
    }
  }

  /** Serves a file, or the part of it that `Range` asks for. */
  download(request: Request, url: URL): Response {
    const file = this.#find(url);
    const range = parseByteRange(request.headers.get("range"), file.size);
    if (range.kind === "unsatisfiable") {
      throw refusal(416, "InvalidRange", "Expected one range within the file.", {
        "Content-Range": `bytes */${file.size}`,
      });
    }
    return range.kind === "whole" ? this.#whole(request, file) : this.#part(request, file, range);
  }

  #whole(request: Request, file: FileRow): Response {
    const headers = { ...headersOf(file, file.size), Digest: `sha-256=${file.sha256}` };
    return this.#send(request, file, 0, file.size, { status: 200, headers });
  }

  #part(request: Request, file: FileRow, { start, end }: { start: number; end: number }): Response {
    const headers = {
      ...headersOf(file, end - start),
      "Content-Range": `bytes ${start}-${end - 1}/${file.size}`,
    };
    return this.#send(request, file, start, end, { status: 206, headers });
  }

  #send(request: Request, file: FileRow, start: number, end: number, init: ResponseInit): Response {
    if (request.method === "HEAD") return new Response(null, init);
    const chunks = this.#options.files.read(file, start, end);
    if (chunks === undefined) throw fileNotFound(file.storageId);
    return new Response(streamOf(chunks), init);
  }

  async #permitted(url: URL): Promise<string> {
    const { files, now } = this.#options;
    const permit = await files.permitOf(url.searchParams.get("token") ?? "", now());
    if (permit.kind === "good") return permit.component;
    throw permit.kind === "expired"
      ? refusal(401, "StorageTokenExpired", "Store File Authorization expired")
      : refusal(401, "StorageTokenInvalid", "Couldn't decode the StoreFileAuthorization token");
  }

  async #keep(request: Request, sha256: string | undefined) {
    const contentType = request.headers.get("content-type") ?? undefined;
    try {
      const chunks = chunksOf(request.body);
      return await this.#options.files.keep({ chunks, contentType, sha256 });
    } catch (error) {
      if (isInvexError(error) && error.code !== "StorageInvalid") throw error;
      const isMismatch = isInvexError(error);
      const reason = error instanceof Error ? error.message : String(error);
      throw isMismatch
        ? refusal(400, "Sha256Mismatch", reason)
        : refusal(400, "UploadFailed", `The upload ended before the file did: ${reason}`);
    }
  }

  #find({ pathname, searchParams }: URL): FileRow {
    const uuid = pathname.slice(STORAGE_PREFIX.length);
    if (!isUuid(uuid)) {
      throw refusal(400, "InvalidStoragePath", `Invalid storage path: "${uuid}"`);
    }
    const { hasComponent, read } = this.#options;
    const component = searchParams.get("component") ?? "";
    const file = hasComponent(component) ? read((tx) => findFile(tx, component, uuid)) : undefined;
    if (file === undefined) throw fileNotFound(uuid);
    return file;
  }
}

function headersOf({ contentType }: FileRow, length: number): Record<string, string> {
  return {
    ...(contentType === undefined ? {} : { "Content-Type": contentType }),
    "Content-Length": String(length),
    "Cache-Control": CACHE_CONTROL,
    "Accept-Ranges": "bytes",
  };
}

function fileNotFound(uuid: string) {
  return refusal(404, "FileNotFound", `File ${uuid} not found`);
}

/** The SHA-256 among the digests a client sends, in base64. */
function parseDigest(header: string | null): string | undefined {
  for (const digest of header?.split(",") ?? []) {
    const [, algorithm, value] = /^\s*([\w-]+)=(.*?)\s*$/.exec(digest) ?? [];
    if (algorithm?.toLowerCase() !== "sha-256") continue;
    if (value !== undefined && /^[A-Za-z0-9+/]{43}=$/.test(value)) return value;
    throw refusal(400, "InvalidDigest", `Invalid digest: ${digest.trim()}`);
  }
  return undefined;
}
