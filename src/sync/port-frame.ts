/** What goes over a MessagePort between `webSocketOver` and `exposeBackend`. */
import * as z from "zod/mini";

/** Sockets are numbered by the side that opens them. */
const socket = z.uint32();
const text = z.string();

/** To the backend. `acknowledge` says how many messages the client has taken so far. */
const toBackend = z.discriminatedUnion("invex", [
  z.object({ invex: z.literal("open"), socket }),
  z.object({ invex: z.literal("send"), socket, message: text }),
  z.object({ invex: z.literal("acknowledge"), socket, count: z.uint32() }),
  z.object({ invex: z.literal("close"), socket }),
]);

/** To the client. */
const toClient = z.discriminatedUnion("invex", [
  z.object({ invex: z.literal("opened"), socket }),
  z.object({ invex: z.literal("message"), socket, message: text }),
  z.object({
    invex: z.literal("closed"),
    socket,
    code: z.optional(z.number()),
    reason: z.optional(text),
  }),
]);

export type FrameToBackend = z.infer<typeof toBackend>;
export type FrameToClient = z.infer<typeof toClient>;

/** Messages that are no frames are not ours: a port may be shared. */
export function asFrameToBackend(data: unknown): FrameToBackend | undefined {
  return z.safeParse(toBackend, data).data;
}

export function asFrameToClient(data: unknown): FrameToClient | undefined {
  return z.safeParse(toClient, data).data;
}
