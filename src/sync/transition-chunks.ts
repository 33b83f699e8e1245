/** Transitions too long for one message, cut into parts (functions.md 9.3). */
import { utf8Length } from "../values/utf8";

/** Longest message in UTF-8 bytes. */
export const MAX_TRANSITION_BYTES = 5_000_000;

/** UTF-16 units a part: at most three bytes each, and room for what JSON escapes. */
const PART_UNITS = 1_000_000;

/**
 * The messages that carry `text`: itself, or the parts of it in order. Parts must follow each other
 * directly; only a ping may come between.
 * @param transitionId unique on the connection
 */
export function transitionMessages(text: string, transitionId: string): readonly string[] {
  if (text.length * 3 <= MAX_TRANSITION_BYTES || utf8Length(text) <= MAX_TRANSITION_BYTES) {
    return [text];
  }
  const totalParts = Math.ceil(text.length / PART_UNITS);
  return Array.from({ length: totalParts }, (_, partNumber) => {
    const start = partNumber * PART_UNITS;
    const chunk = text.slice(start, start + PART_UNITS);
    return JSON.stringify({ type: "TransitionChunk", chunk, partNumber, totalParts, transitionId });
  });
}
