// The backend, whole, in this page; its data is in IndexedDB. One backend at a time can have a
// database, so a second tab waits until the first is closed.

import { createBackend, isInvexError } from "invex";
import { indexedDB } from "invex/indexeddb";
import * as notes from "../convex/notes";
import schema from "../convex/schema";

const open = (waitMs: number) =>
  createBackend({ schema, modules: { notes }, persistence: indexedDB("notes", { waitMs }) });

// Long enough for a tab that is being reloaded to be gone.
const first = open(1_000);

export const { api } = first;

/**
 * Resolves when this tab has the notes.
 * @param onWaiting called if another tab has them
 * @throws when this browser may not keep data, or what it kept cannot be read
 */
export async function openedBackend(onWaiting: () => void): Promise<typeof first> {
  try {
    await first.ready;
    return first;
  } catch (error) {
    if (!isInvexError(error) || error.fields?.problem !== "busy") throw error;
  }
  onWaiting();
  const patient = open(Number.POSITIVE_INFINITY);
  await patient.ready;
  return patient;
}
