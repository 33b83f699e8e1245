// The window's half: Convex's own React client, over a MessagePort.

import { ConvexProvider, ConvexReactClient } from "convex/react";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { backendSocket } from "./backend-socket";
import { Notes } from "./notes";

// A name that is never looked up: nothing goes over a network.
const client = new ConvexReactClient("http://backend.invalid", {
  webSocketConstructor: backendSocket(),
  unsavedChangesWarning: false,
});

createRoot(document.getElementById("root")!).render(
  <StrictMode>
    <ConvexProvider client={client}>
      <Notes />
    </ConvexProvider>
  </StrictMode>,
);
