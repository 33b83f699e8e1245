// The code of pages is loaded by the first page. Tests that count turns of the event loop import this
// file, so that it is there before they begin.

import { createBackend } from "invex";

const backend = createBackend({ modules: {} });
await backend.query((ctx) => ctx.db.query("none").paginate({ numItems: 1, cursor: null }));
await backend.close();
