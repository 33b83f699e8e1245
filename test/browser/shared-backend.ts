// Runs as a SharedWorker: one backend for all tabs of an origin.

import { createBackend } from "invex";
import { exposeBackend } from "invex/client";
import * as notes from "../../examples/browser/convex/notes";
import schema from "../../examples/browser/convex/schema";

const backend = createBackend({ schema, modules: { notes } });

addEventListener("connect", (event) => {
  exposeBackend((event as MessageEvent).ports[0]!, backend);
});
