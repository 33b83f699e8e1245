/**
 * Lines to one page, as the body of a response. Holds what the page has not read up to a bound, and
 * says when it is full: who goes on writing then waits.
 */
const BUFFERED_BYTES = 1 << 20;

const utf8 = new TextEncoder();

export interface LineStreamOptions {
  /** There is room again. */
  readonly onRoom: () => void;
  /** The page is gone. Not called after `end`. */
  readonly onLost: () => void;
}

export class LineStream {
  readonly body: ReadableStream<Uint8Array<ArrayBuffer>>;
  readonly #options: LineStreamOptions;
  #controller: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>> | undefined;
  #waiting: (() => void)[] = [];

  constructor(options: LineStreamOptions) {
    this.#options = options;
    this.body = new ReadableStream<Uint8Array<ArrayBuffer>>(
      {
        start: (controller) => {
          this.#controller = controller;
        },
        pull: () => this.#makeRoom(),
        cancel: () => {
          this.#controller = undefined;
          this.#letGo();
          options.onLost();
        },
      },
      { highWaterMark: BUFFERED_BYTES, size: ({ byteLength }) => byteLength },
    );
  }

  get isFull(): boolean {
    return (this.#controller?.desiredSize ?? 0) <= 0;
  }

  /** @returns a promise when it is full now: until it resolves the writer is to write nothing more */
  write(line: string): void | Promise<void> {
    this.#controller?.enqueue(utf8.encode(`${line}\n`));
    if (this.#controller === undefined || !this.isFull) return undefined;
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  end(): void {
    this.#controller?.close();
    this.#controller = undefined;
    this.#letGo();
  }

  #makeRoom(): void {
    if (this.#controller === undefined) return;
    this.#letGo();
    this.#options.onRoom();
  }

  #letGo(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}
