// The room: who is here, what was said, what you are about to say.

import { useConvexConnectionState } from "convex/react";
import { Composer } from "./composer";
import { Messages } from "./messages";
import { SecondChance } from "./second-chance";
import { usePresence } from "./use-presence";
import { Visitors } from "./visitors";

export function Room({ name }: { readonly name: string }) {
  const session = usePresence(name);
  return (
    <div className="room">
      <header>
        <h1>Harbour</h1>
        <Visitors session={session} />
      </header>
      <Connection />
      <main>
        <SecondChance>
          <Messages me={name} />
        </SecondChance>
      </main>
      <Composer author={name} />
    </div>
  );
}

/** Says so while the server is out of reach. Sends made meanwhile wait for it. */
function Connection() {
  const { isWebSocketConnected, hasEverConnected } = useConvexConnectionState();
  const isLost = hasEverConnected && !isWebSocketConnected;
  return (
    <div className="connection" role="status">
      {isLost && "Connection lost. Trying again; what you send waits."}
    </div>
  );
}
