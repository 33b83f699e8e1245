/** An HTTP action as the engine runs it: it is reached through a route, so the route is its name. */
import { REJECTED } from "../values/strict-copy";
import { functionKindOf, type Handler } from "./function-definition";
import type { FunctionPath } from "./function-path";
import type { RegisteredFunction } from "./registered-function";

/**
 * The function behind a route's handler; `undefined` if the handler is no HTTP action.
 * @param component path of the instance whose router it is; "" is the app
 * @param pattern the path, or `prefix*`, as its router knows it
 */
export function httpActionFunction(
  component: string,
  handler: unknown,
  method: string,
  pattern: string,
): RegisteredFunction | undefined {
  if (functionKindOf(handler) !== "httpAction") return undefined;
  return {
    component,
    path: routePath(`${method} ${pattern}`),
    kind: "httpAction",
    visibility: "public",
    handler: (handler as { readonly _handler: Handler })._handler,
    argsJSON: { type: "any" },
    returnsJSON: undefined,
    ingestArgs: () => REJECTED,
    checkArgs: () => undefined,
    ingestReturns: () => REJECTED,
    checkReturns: () => undefined,
  };
}

/** Logs and errors name the route. */
function routePath(route: string): FunctionPath {
  return { module: "http", name: "default", canonical: "http.js:default", display: route };
}
