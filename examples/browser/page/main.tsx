// Convex's own React client, on a WebSocket that never opens a socket.

import { ConvexProvider, ConvexReactClient } from "convex/react";
import { webSocketFor } from "invex/client";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { backend } from "./backend";
import { Notes } from "./notes";

const client = new ConvexReactClient(backend.url, {
  webSocketConstructor: webSocketFor(backend),
  unsavedChangesWarning: false,
});

createRoot(document.getElementById("root")!).render(
  <StrictMode>
    <ConvexProvider client={client}>
      <Notes />
    </ConvexProvider>
  </StrictMode>,
);
