// Convex's own React client, on a WebSocket that never opens a socket.

import { ConvexProvider, ConvexReactClient } from "convex/react";
import { webSocketFor } from "invex/client";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { openedBackend } from "./backend";
import { Notes } from "./notes";
import { Notice } from "./notice";

const root = createRoot(document.getElementById("root")!);

openedBackend(showWaiting).then((backend) => {
  const client = new ConvexReactClient(backend.url, {
    webSocketConstructor: webSocketFor(backend),
    unsavedChangesWarning: false,
  });
  // This connection leads no further than this page: if it ends, the backend has stopped, because it
  // could not store something.
  client.subscribeToConnectionState(({ hasEverConnected, isWebSocketConnected }) => {
    if (hasEverConnected && !isWebSocketConnected) {
      showProblem("This browser has stopped storing them. Reload to see what was kept.");
    }
  });
  root.render(
    <StrictMode>
      <ConvexProvider client={client}>
        <Notes />
      </ConvexProvider>
    </StrictMode>,
  );
}, showProblem);

function showWaiting() {
  root.render(
    <Notice title="Your notes are open in another tab">
      Go on there, or close it: they will appear here by themselves.
    </Notice>,
  );
}

function showProblem(reason: unknown) {
  root.render(
    <Notice title="Your notes cannot be kept here">
      {reason instanceof Error ? reason.message : String(reason)}
    </Notice>,
  );
}
