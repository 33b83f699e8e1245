/** Ids of new documents: fourteen random bytes and the day (engine.md 4.1). */
import type { Random } from "../shared/random";
import { encodeId, INTERNAL_ID_LENGTH } from "../values/id";

const MS_PER_DAY = 86_400_000;

/** An id nobody has. @param nowMs wall-clock time of whatever makes the document */
export function newDocumentId(random: Random, tableNumber: number, nowMs: number): string {
  const internalId = new Uint8Array(INTERNAL_ID_LENGTH);
  internalId.set(random.bytes(14));
  const days = Math.floor(nowMs / MS_PER_DAY);
  internalId[14] = (days >> 8) & 0xff;
  internalId[15] = days & 0xff;
  return encodeId(tableNumber, internalId);
}
