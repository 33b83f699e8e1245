// The code of the sync side is loaded by the first connection. Tests that count turns of the event
// loop import this file, so that it is there before they begin.

import { createBackend } from "invex";

const backend = createBackend({ modules: {} });
await new Promise<void>((resolve) => {
  const connection = backend.connect(() => {}, { onClose: () => resolve() });
  connection.receive("not a message");
});
await backend.close();
