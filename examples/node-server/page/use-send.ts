// Sending: the message shows at once, is confirmed by the server's own, and goes if it is refused.

import { insertAtTop, useMutation } from "convex/react";
import { api } from "../convex/_generated/api";
import type { Doc, Id } from "../convex/_generated/dataModel";

const UNCONFIRMED = "unconfirmed:";

export function useSend() {
  return useMutation(api.messages.send).withOptimisticUpdate((localQueryStore, message) => {
    insertAtTop({
      paginatedQuery: api.messages.list,
      localQueryStore,
      item: {
        ...message,
        _id: (UNCONFIRMED + crypto.randomUUID()) as Id<"messages">,
        _creationTime: Date.now(),
      },
    });
  });
}

export function isUnconfirmed({ _id }: Doc<"messages">): boolean {
  return _id.startsWith(UNCONFIRMED);
}
