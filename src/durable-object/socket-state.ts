/**
 * What an object remembers of a socket while it hibernates: with the socket itself, as far as it
 * takes it, else in rows of the object. What changes with every transition comes first, so that a
 * session whose queries are many writes rows only when the queries change.
 */
import { type DurableSql, textParts } from "../persistence/durable-object/durable-storage";
import { readSessionState, type SessionState } from "../sync/session-state";
import type { ObjectSocket } from "./durable-object-state";

/** Of the 16,384 bytes that a socket takes, what two texts may fill beside what wraps them. */
const MAX_ATTACHED_BYTES = 16_000;

/** Two halves of a session as JSON; absent where a row has it. */
interface Attachment {
  /** Names the socket's rows. */
  readonly id: string;
  /** Something was under way: what the client was told is not known. */
  readonly isBusy?: boolean;
  readonly told?: string;
  readonly client?: string;
}

type Half = "told" | "client";

export class SocketState {
  readonly #socket: ObjectSocket;
  readonly #sql: DurableSql;
  readonly #id: string;
  /** What the rows hold. */
  readonly #rows = new Map<Half, string>();
  #isBusy = false;

  /** @param id unique among the object's sockets */
  constructor(socket: ObjectSocket, sql: DurableSql, id: string) {
    this.#socket = socket;
    this.#sql = sql;
    this.#id = id;
  }

  /** The state of a socket from before this object was made; `undefined` for a foreign one. */
  static of(socket: ObjectSocket, sql: DurableSql): SocketState | undefined {
    const attachment = socket.deserializeAttachment() as Attachment | null;
    return attachment === null ? undefined : new SocketState(socket, sql, attachment.id);
  }

  /** Rows of sockets that are no more. */
  static prepare(sql: DurableSql, sockets: readonly ObjectSocket[]): void {
    sql.exec(
      "CREATE TABLE IF NOT EXISTS invex_sockets (id TEXT, half TEXT, part INTEGER, text TEXT, PRIMARY KEY (id, half, part)) WITHOUT ROWID",
    );
    const ids = new Set(
      sockets.map((socket) => (socket.deserializeAttachment() as Attachment | null)?.id),
    );
    const stored = sql.exec("SELECT DISTINCT id FROM invex_sockets").toArray() as { id: string }[];
    for (const { id } of stored) {
      if (!ids.has(id)) sql.exec("DELETE FROM invex_sockets WHERE id = ?", id);
    }
  }

  /** @returns `undefined` when the session cannot be gone on with */
  read(): SessionState | undefined {
    const { isBusy, ...attached } = this.#socket.deserializeAttachment() as Attachment;
    if (isBusy === true) return undefined;
    try {
      const [client, told] = (["client", "told"] as const).map((half) => {
        return JSON.parse(attached[half] ?? this.#readRows(half));
      });
      return readSessionState(client, told);
    } catch {
      return undefined;
    }
  }

  /** Something is under way that a hibernating object would lose. */
  markBusy(): void {
    if (this.#isBusy) return;
    this.#isBusy = true;
    this.#attach({ id: this.#id, isBusy: true });
  }

  write({ client, told }: SessionState): void {
    this.#isBusy = false;
    let attachment: Attachment = { id: this.#id };
    let room = MAX_ATTACHED_BYTES;
    for (const [half, text] of [
      ["told", JSON.stringify(told)],
      ["client", JSON.stringify(client)],
    ] as const) {
      const bytes = attachedBytes(text);
      if (bytes <= room) {
        attachment = { ...attachment, [half]: text };
        room -= bytes;
      } else {
        this.#writeRows(half, text);
      }
    }
    this.#attach(attachment);
  }

  /** The socket is gone. */
  remove(): void {
    this.#sql.exec("DELETE FROM invex_sockets WHERE id = ?", this.#id);
  }

  #attach(attachment: Attachment): void {
    this.#socket.serializeAttachment(attachment);
  }

  #readRows(half: Half): string {
    const query = "SELECT text FROM invex_sockets WHERE id = ? AND half = ? ORDER BY part";
    const parts = this.#sql.exec(query, this.#id, half).toArray() as { text: string }[];
    const text = parts.map((part) => part.text).join("");
    this.#rows.set(half, text);
    return text;
  }

  #writeRows(half: Half, text: string): void {
    if (this.#rows.get(half) === text) return;
    this.#rows.set(half, text);
    const query = "DELETE FROM invex_sockets WHERE id = ? AND half = ?";
    this.#sql.exec(query, this.#id, half);
    for (const [part, content] of textParts(text).entries()) {
      const insert = "INSERT INTO invex_sockets (id, half, part, text) VALUES (?, ?, ?, ?)";
      this.#sql.exec(insert, this.#id, half, part, content);
    }
  }
}

/** As V8 serializes strings: one byte a character, or two when one of them needs it. */
function attachedBytes(text: string): number {
  for (let i = 0; i < text.length; i++) {
    if (text.charCodeAt(i) > 0xff) return text.length * 2;
  }
  return text.length;
}
