/** convex-test: the simulator that Convex developers test with today. It has no live queries. */

import { anyApi, defineSchema, defineTable, mutationGeneric, queryGeneric } from "convex/server";
import { v } from "convex/values";
import { convexTest } from "convex-test";
import type { Driver, Store } from "../driver";
import { chat } from "./chat-functions";
import { type Caller, type ChatApi, ConvexCalls } from "./convex-calls";

const { schema, messages } = chat({ defineSchema, defineTable, queryGeneric, mutationGeneric, v });

/** The shape of `import.meta.glob`, which finds the root by the generated file. */
const modules = {
  "./convex/_generated/api.js": async () => ({}),
  "./convex/messages.js": async () => messages,
};

class ConvexTestStore extends ConvexCalls implements Store {
  close(): void {}
}

export const convexTestDriver: Driver = {
  name: "convex-test",
  kind: "peer",
  imports: "convex-test",
  note: "0.0.60 with convex 1.48.0, as its documentation says; limits off, its default",
  open() {
    const t = convexTest({ schema, modules }) as unknown as Caller;
    return new ConvexTestStore(t, anyApi.messages as unknown as ChatApi);
  },
};
