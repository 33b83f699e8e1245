/**
 * One page of the inspector that is open somewhere: its stream, the connections of the sync protocol
 * that go over it, and what it is told besides. A page that reads slowly has its own connections
 * wait and its own feeds cut short, and nobody else's.
 */
import type { CommitRecord } from "../db/commit-record";
import type { LogEntry } from "../functions/logs";
import type { SyncConnection } from "../sync/connection";
import { commitLine } from "./commit-line";
import { Feed } from "./feed";
import type { Inspection, Watcher } from "./inspection";
import { LineStream } from "./line-stream";
import { MAX_CHANNELS, type PageFrame, type ServerLine } from "./wire";

/** What a page that does not read is told at most when it goes on, of logs and of commits. */
const FEED_CHARACTERS = 1 << 20;

export interface OpenPageOptions {
  readonly inspection: Inspection;
  /** What the page is called, and the backend's URL. */
  readonly hello: { readonly page: string; readonly url: string };
  /** Called once. */
  readonly onGone: () => void;
}

export class OpenPage implements Watcher {
  readonly #options: OpenPageOptions;
  readonly #stream: LineStream;
  readonly #channels = new Map<number, SyncConnection>();
  readonly #logs = new Feed(FEED_CHARACTERS);
  readonly #commits = new Feed(FEED_CHARACTERS);
  readonly #unwatch: () => void;
  #isFlushing = false;
  #isGone = false;

  constructor(options: OpenPageOptions) {
    this.#options = options;
    this.#stream = new LineStream({
      onRoom: () => this.#flush(),
      onLost: () => this.#leave(),
    });
    this.#write({ type: "hello", ...options.hello });
    this.#unwatch = options.inspection.watch(this);
  }

  get body(): ReadableStream<Uint8Array<ArrayBuffer>> {
    return this.#stream.body;
  }

  /** What the page says, in order. */
  receive(frames: readonly PageFrame[]): void {
    for (const frame of frames) this.#receive(frame);
  }

  onLog({ args, ...entry }: LogEntry): void {
    this.#logs.push(entry);
    this.#flushSoon();
  }

  onCommit(record: CommitRecord): void {
    const line = commitLine(record);
    if (line === undefined) return;
    this.#commits.push(line);
    this.#flushSoon();
  }

  onClosed(): void {
    this.end();
  }

  /** Ends the stream. The page will ask again. */
  end(): void {
    this.#leave();
    this.#stream.end();
  }

  #receive(frame: PageFrame): void {
    const { channel } = frame;
    if (frame.type === "open") this.#open(channel);
    else if (frame.type === "message") this.#channels.get(channel)?.receive(frame.text);
    else this.#close(channel);
  }

  #open(channel: number): void {
    if (this.#isGone || this.#channels.has(channel)) return;
    if (this.#channels.size >= MAX_CHANNELS) {
      this.#write({ type: "close", channel, code: 1013, reason: "TooManyChannels" });
      return;
    }
    const connection = this.#options.inspection.connect(
      (text) => this.#write({ type: "message", channel, text }),
      {
        onClose: ({ code, reason }) => {
          this.#channels.delete(channel);
          this.#write({ type: "close", channel, code, reason });
        },
      },
    );
    this.#channels.set(channel, connection);
  }

  #close(channel: number): void {
    this.#channels.get(channel)?.close();
    this.#channels.delete(channel);
  }

  #write(line: ServerLine): void | Promise<void> {
    return this.#stream.write(JSON.stringify(line));
  }

  /** What happens together is told together, and never from within a commit. */
  #flushSoon(): void {
    if (this.#isFlushing) return;
    this.#isFlushing = true;
    queueMicrotask(() => {
      this.#isFlushing = false;
      this.#flush();
    });
  }

  #flush(): void {
    if (this.#isGone || this.#stream.isFull) return;
    if (!this.#logs.isEmpty) this.#stream.write(this.#logs.take("logs"));
    if (!this.#commits.isEmpty) this.#stream.write(this.#commits.take("commits"));
  }

  #leave(): void {
    if (this.#isGone) return;
    this.#isGone = true;
    this.#unwatch();
    for (const connection of this.#channels.values()) connection.close();
    this.#channels.clear();
    this.#options.onGone();
  }
}
