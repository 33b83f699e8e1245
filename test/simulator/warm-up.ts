// Parts of the engine are loaded by their first use, which takes real time: worlds count turns of the
// event loop, so whoever runs them imports this file first.

import "../fixtures/late-parts";
import { createBackend, manualClock } from "invex";
import { createModules, type FunctionsHost, schema } from "./functions";

/** Nothing is called that needs one. */
const nobody: FunctionsHost = {
  begin: () => {
    throw new Error("nothing runs yet");
  },
  execution: () => undefined,
  pause: () => undefined,
  queryBegins: () => () => {},
};

const backend = createBackend({
  schema,
  clock: manualClock(),
  modules: createModules(nobody, true),
  onLog: () => {},
});
await backend.ready;
await (await backend.fetch("/run", { method: "POST", body: "{}" })).text();
await backend.advance({ minutes: 1 });
await backend.close();
