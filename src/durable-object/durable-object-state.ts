/**
 * What a backend in a Durable Object asks of the platform: the parts of Cloudflare's
 * `DurableObjectState`, `WebSocket` and `DurableObjectNamespace` in use. Types only.
 */
import type { DurableContext, DurableStorage } from "../persistence/durable-object/durable-storage";

export interface ObjectState extends DurableContext {
  readonly storage: ObjectStorage;
  blockConcurrencyWhile<T>(body: () => Promise<T>): Promise<T>;
  /** Keeps the object from hibernating until then. */
  waitUntil(promise: Promise<unknown>): void;
  acceptWebSocket(socket: ObjectSocket): void;
  getWebSockets(): ObjectSocket[];
}

export interface ObjectStorage extends DurableStorage {
  setAlarm(atMs: number): Promise<void>;
  deleteAlarm(): Promise<void>;
  /** `null` also while an alarm is being handled. */
  getAlarm(): Promise<number | null>;
}

/** The object's end of a hibernatable WebSocket. */
export interface ObjectSocket {
  send(message: string): void;
  close(code?: number, reason?: string): void;
  /** At most 16,384 bytes. */
  serializeAttachment(attachment: unknown): void;
  deserializeAttachment(): unknown;
}

/** The Worker's binding to a class of objects. */
export interface ObjectNamespace<Stub> {
  idFromName(name: string): object;
  // biome-ignore lint/suspicious/noExplicitAny: the platform's own type of ids, which ours would have to repeat
  get(id: any): Stub;
}
