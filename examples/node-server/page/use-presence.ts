// Keeps this page on the list of visitors: a heartbeat every third of the lease while it is open, a
// beacon when it closes. A page that dies without either is taken off the list by the server.

import { useMutation } from "convex/react";
import { useEffect } from "react";
import { api } from "../convex/_generated/api";

/** One for each load of the page: a reload leaves and comes again. */
const session = crypto.randomUUID();

export function usePresence(name: string): string {
  const heartbeat = useMutation(api.presence.heartbeat);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let isOver = false;
    // The next one waits for the answer, so that none pile up while the server is away.
    const beat = async () => {
      const { leaseMs } = await heartbeat({ session, name });
      if (!isOver) timer = setTimeout(beat, leaseMs / 3);
    };
    void beat();
    addEventListener("pagehide", sendLeave);
    return () => {
      isOver = true;
      clearTimeout(timer);
      removeEventListener("pagehide", sendLeave);
    };
  }, [heartbeat, name]);
  return session;
}

/** Over the HTTP API: a closing page cannot wait for its WebSocket. */
function sendLeave() {
  const call = { path: "presence:leave", args: { session }, format: "json" };
  navigator.sendBeacon(
    "/api/mutation",
    new Blob([JSON.stringify(call)], { type: "application/json" }),
  );
}
