/**
 * The network between clients and backends: messages wait until the world lets them go on, a cable
 * that is cut delivers some of what was on its way to the server and nothing to the client, and a
 * server may go on for a while with a client that is gone. Order within a direction is kept.
 */
import type { CloseFrame, Connectable, SyncConnection } from "../../src/sync/connection";

/** A client's end of a cable. */
export interface CableEnd {
  onMessage(text: string): void;
  /** The server has ended it, or it was cut. Nothing follows. */
  onClose(frame: CloseFrame | undefined): void;
}

interface Letter {
  readonly text: string;
  /** Tells a server that waits for a slow client. */
  readonly delivered?: () => void;
}

export class Cable {
  readonly #end: CableEnd;
  readonly #toServer: string[] = [];
  readonly #toClient: Letter[] = [];
  readonly #isSlow: boolean;
  #connection: SyncConnection | undefined;
  #isClientGone = false;
  #isServerGone = false;
  #closing: { readonly frame: CloseFrame } | undefined;

  /** @param isSlow whether the server must wait until each message has arrived */
  constructor(backend: Connectable, end: CableEnd, isSlow: boolean) {
    this.#end = end;
    this.#isSlow = isSlow;
    this.#connection = backend.connect((text) => this.#post(text), {
      onClose: (frame) => {
        this.#isServerGone = true;
        this.#closing = { frame };
      },
    });
  }

  get canGoUp(): boolean {
    return this.#toServer.length > 0 && !this.#isServerGone;
  }

  get canGoDown(): boolean {
    return !this.#isClientGone && (this.#toClient.length > 0 || this.#closing !== undefined);
  }

  /** Whether the server still talks to a client that is gone. */
  get isStale(): boolean {
    return this.#isClientGone && !this.#isServerGone;
  }

  get isOver(): boolean {
    return this.#isClientGone && this.#isServerGone;
  }

  send(text: string): void {
    if (!this.#isClientGone) this.#toServer.push(text);
  }

  /** Delivers one message to the server. */
  goUp(): void {
    const text = this.#toServer.shift();
    if (text !== undefined) this.#connection?.receive(text);
  }

  /** Delivers one message to the client, or the end. */
  goDown(): void {
    const letter = this.#toClient.shift();
    if (letter !== undefined) {
      this.#end.onMessage(letter.text);
      letter.delivered?.();
      return;
    }
    const closing = this.#closing;
    this.#isClientGone = true;
    this.#end.onClose(closing?.frame);
  }

  /** The client sees it now; the server when it is told to. @param kept of what was on its way up */
  cut(kept: number): void {
    if (this.#isClientGone) return;
    this.#toServer.length = Math.min(kept, this.#toServer.length);
    this.#leave();
    this.#end.onClose(undefined);
  }

  /** The server notices. */
  notice(): void {
    this.#isServerGone = true;
    this.#connection?.close();
  }

  /** The server's process is gone, and everything that was on its way. */
  crash(): void {
    this.#isServerGone = true;
    this.#connection = undefined;
    this.#toServer.length = 0;
    if (this.#isClientGone) return;
    this.#leave();
    this.#end.onClose(undefined);
  }

  #leave(): void {
    this.#isClientGone = true;
    this.#toClient.length = 0;
  }

  #post(text: string): void | Promise<void> {
    if (this.#isClientGone || this.#isServerGone) return;
    if (!this.#isSlow) {
      this.#toClient.push({ text });
      return;
    }
    return new Promise((resolve) => this.#toClient.push({ text, delivered: resolve }));
  }
}
