/**
 * The page's one connection to where it came from: a stream of lines from there, requests to there,
 * and on them as many virtual WebSockets as the page's clients open. When the stream breaks they all
 * close; the first client that tries again opens another.
 */
import { type Link, type SocketEvents, virtualSocketClass } from "../../sync/virtual-socket";
import { KEY_HEADER } from "../admission";
import type { PageFrame, ServerLine } from "../wire";
import { toComponent } from "./component-name";

/** How the page stands to its server. */
export type LinkState =
  | { readonly kind: "connecting" }
  | { readonly kind: "open" }
  | { readonly kind: "lost"; readonly error: string }
  /** The key is wrong, or there is none and one is asked for. */
  | { readonly kind: "locked"; readonly error: string };

export interface PageLinkOptions {
  /** Sends a request to where the page came from. */
  readonly post: (init: RequestInit) => Promise<Response>;
  readonly key: string;
  readonly onState: (state: LinkState) => void;
  /** What comes besides what its clients are told. */
  readonly onLine: (line: BesidesChannels) => void;
}

type BesidesChannels = Extract<ServerLine, { type: "hello" | "logs" | "commits" }>;

/** What a client sees of its connection. */
interface Channel {
  readonly events: SocketEvents;
  readonly onMessage: ((text: string) => void) | undefined;
}

/** Shorter than the silence after which a client gives its connection up. */
const PING_EVERY_MS = 15_000;
const PING = '{"type":"Ping"}';

export class PageLink {
  readonly #options: PageLinkOptions;
  readonly #channels = new Map<number, Channel>();
  #nextChannel = 1;
  #stream: AbortController | undefined;
  /** By what name the server knows the stream, once it does. */
  #page: string | undefined;
  #frames: PageFrame[] = [];
  #isPosting = false;
  #isEnded = false;
  readonly #timer: ReturnType<typeof setInterval>;

  constructor(options: PageLinkOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.#ping(), PING_EVERY_MS);
  }

  /** @param onMessage is told as well of what the client is told */
  socketClass(onMessage?: (text: string) => void): typeof WebSocket {
    return virtualSocketClass((events) => this.#open({ events, onMessage }));
  }

  end(): void {
    this.#isEnded = true;
    clearInterval(this.#timer);
    this.#stream?.abort();
  }

  #open(channel: Channel): Link {
    const id = this.#nextChannel++;
    this.#channels.set(id, channel);
    if (this.#page !== undefined) this.#begin(id);
    else if (this.#stream === undefined) void this.#run();
    return {
      send: (text) => this.#say({ type: "message", channel: id, text: toComponent(text) }),
      close: () => {
        this.#channels.delete(id);
        this.#say({ type: "close", channel: id });
      },
    };
  }

  #begin(id: number): void {
    this.#say({ type: "open", channel: id });
    this.#channels.get(id)?.events.onOpen();
  }

  /** One stream, from its opening to its end. */
  async #run(): Promise<void> {
    const stream = new AbortController();
    this.#stream = stream;
    let error = "The server has ended the connection.";
    try {
      const response = await this.#post({ type: "open" }, stream.signal);
      if (response.status === 401) return this.#lock(await errorOf(response));
      if (!response.ok || response.body === null) throw new Error(await errorOf(response));
      await this.#read(response.body, stream.signal);
    } catch (thrown) {
      error = problemOf(thrown);
    }
    this.#lose(stream, error);
  }

  async #read(body: ReadableStream<Uint8Array>, signal: AbortSignal): Promise<void> {
    const reader = body.getReader();
    const decoder = new TextDecoder();
    signal.addEventListener("abort", () => void reader.cancel().catch(() => {}));
    let parts: string[] = [];
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const lines = decoder.decode(value, { stream: true }).split("\n");
      const last = lines.pop() as string;
      for (const line of lines) {
        this.#receive(JSON.parse(parts.join("") + line));
        parts = [];
      }
      if (last !== "") parts.push(last);
    }
  }

  #receive(line: ServerLine): void {
    if (line.type === "message") this.#deliver(line.channel, line.text);
    else if (line.type === "close") this.#close(line);
    else this.#hear(line);
  }

  #hear(line: BesidesChannels): void {
    if (line.type === "hello") {
      this.#page = line.page;
      this.#options.onState({ kind: "open" });
      for (const id of this.#channels.keys()) this.#begin(id);
    }
    this.#options.onLine(line);
  }

  #deliver(id: number, text: string): void {
    const channel = this.#channels.get(id);
    channel?.onMessage?.(text);
    channel?.events.onMessage(text);
  }

  #close({ channel: id, code, reason }: Extract<ServerLine, { type: "close" }>): void {
    const channel = this.#channels.get(id);
    this.#channels.delete(id);
    const frame = { ...(code === undefined ? {} : { code }), ...(reason ? { reason } : {}) };
    channel?.events.onClose(frame);
  }

  #lock(error: string): void {
    this.#isEnded = true;
    this.#options.onState({ kind: "locked", error });
  }

  /** Everything on the stream is over. */
  #lose(stream: AbortController, error: string): void {
    if (this.#stream !== stream) return;
    stream.abort();
    this.#stream = undefined;
    this.#page = undefined;
    this.#frames = [];
    if (this.#isEnded) return;
    this.#options.onState({ kind: "lost", error });
    const channels = [...this.#channels.values()];
    this.#channels.clear();
    for (const { events } of channels) events.onClose({ code: 1006 });
  }

  #say(frame: PageFrame): void {
    if (this.#page === undefined) return;
    this.#frames.push(frame);
    if (!this.#isPosting) void this.#postAll();
  }

  /** One request at a time, so that what is said arrives in order. */
  async #postAll(): Promise<void> {
    this.#isPosting = true;
    // What is said in one go goes in one request.
    await undefined;
    while (this.#frames.length > 0 && this.#page !== undefined) {
      const frames = this.#frames;
      this.#frames = [];
      await this.#postFrames(frames);
    }
    this.#isPosting = false;
  }

  async #postFrames(frames: readonly PageFrame[]): Promise<void> {
    const stream = this.#stream;
    try {
      const response = await this.#post({ type: "say", page: this.#page, frames }, stream?.signal);
      if (!response.ok) throw new Error(await errorOf(response));
    } catch (error) {
      if (stream !== undefined) this.#lose(stream, problemOf(error));
    }
  }

  /** What the server answers is a sign of life of all its connections. */
  async #ping(): Promise<void> {
    if (this.#page === undefined || this.#isPosting) return;
    await this.#postFrames([]);
    if (this.#page === undefined) return;
    for (const id of this.#channels.keys()) this.#deliver(id, PING);
  }

  #post(body: object, signal: AbortSignal | undefined): Promise<Response> {
    return this.#options.post({
      method: "POST",
      headers: { "content-type": "application/json", [KEY_HEADER]: this.#options.key },
      body: JSON.stringify(body),
      credentials: "same-origin",
      cache: "no-store",
      ...(signal === undefined ? {} : { signal }),
    });
  }
}

/** A `TypeError` is how `fetch` says that nobody answered. */
function problemOf(thrown: unknown): string {
  if (thrown instanceof TypeError) return "The server cannot be reached.";
  return thrown instanceof Error ? thrown.message : String(thrown);
}

async function errorOf(response: Response): Promise<string> {
  try {
    return ((await response.json()) as { error: string }).error;
  } catch {
    return `The server answered ${response.status}.`;
  }
}
