// The backend's half: started by Electron as a utility process, and by `stand-in/` as a worker thread,
// with the file as its argument. Killing it is a fine way to end it: what it has acknowledged is in
// the file.

import { exposeBackend } from "invex/client";
import { parent } from "./parent";

try {
  // Late, so that a SQLite library made for another version of Node is told of, too.
  const { openBackend } = await import("./backend");
  const backend = await openBackend(process.argv[2] ?? "notes.db");
  parent.onPort((port) => exposeBackend(port, backend));
  parent.tell({ problem: null });
} catch (error) {
  parent.tell({ problem: error instanceof Error ? error.message : String(error) });
}
