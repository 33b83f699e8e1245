// Runs inside a page: what the engine does there that it does not do on Node.

import { ConvexClient } from "convex/browser";
import { createBackend, modulesFrom } from "invex";
import { webSocketOver } from "invex/client";
import { makeFunctionReference } from "invex/server";

/** What a query sees of its host, with determinism asked for. */
export async function observeGlobals() {
  const backend = createBackend({ modules: {}, determinism: "enforce", seed: "s" });
  const host = { fetch, setTimeout, Date, random: Math.random };
  const observed = await backend.query(async () => {
    const isUntouched =
      fetch === host.fetch &&
      setTimeout === host.setTimeout &&
      Date === host.Date &&
      Math.random === host.random;
    const wallClock = Date.now();
    const start = performance.now();
    while (performance.now() < start + 20);
    return { isUntouched, hasTimePassed: Date.now() > wallClock };
  });
  await backend.close();
  return { ...observed, process: typeof process };
}

/** The code of the error that reading a folder gives. */
export function readFolder() {
  try {
    return modulesFrom("./convex");
  } catch (error) {
    return (error as { code: string }).code;
  }
}

const add = makeFunctionReference<"mutation", { text: string }>("notes:add");
const list = makeFunctionReference<"query", { search: string }, { text: string }[]>("notes:list");

/** Writes the notes of the backend that all tabs share into the page's title, and adds one. */
export async function useSharedBackend(text: string) {
  const url = new URL("./shared-backend.ts", import.meta.url);
  const { port } = new SharedWorker(url, { type: "module" });
  const client = new ConvexClient("http://invex.localhost", {
    webSocketConstructor: webSocketOver(port),
    unsavedChangesWarning: false,
  });
  client.onUpdate(list, { search: "" }, (notes) => {
    document.title = notes.map((note) => note.text).join(", ");
  });
  await client.mutation(add, { text });
}
