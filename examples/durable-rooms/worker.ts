// The Worker: a class of rooms, each a backend in a Durable Object of its own, and the way to them.
// The page is served by the platform, as static assets.

import { durableBackend, routeToBackends } from "invex/durable-object";
import * as messages from "./convex/messages";
import schema from "./convex/schema";

interface Env {
  readonly ROOMS: Parameters<typeof routeToBackends>[0];
}

export class Room extends durableBackend({ schema, modules: { messages } }) {}

export default {
  fetch: (request: Request, env: Env) => routeToBackends(env.ROOMS, request),
};
