// A backend over the lab schema with an `http` module, driven through `backend.fetch` alone, on a
// manual clock.

import type { Backend, BackendOptions, ManualClock } from "invex";
import { createBackend, manualClock } from "invex";
import { httpAction, labSchema } from "../fixtures/lab";

export interface HttpLab {
  readonly backend: Backend;
  readonly clock: ManualClock;
  readonly logs: string[];
}

type Options = Omit<Partial<BackendOptions>, "schema" | "clock" | "onLog"> & {
  readonly functions?: Record<string, unknown>;
  /** The default export of the module `http`. */
  readonly http?: unknown;
};

export function createHttpLab({
  functions = {},
  http,
  modules,
  ...options
}: Options = {}): HttpLab {
  const clock = manualClock();
  const logs: string[] = [];
  const backend = createBackend({
    seed: "http",
    ...options,
    schema: labSchema,
    modules: {
      m: functions,
      ...(http === undefined ? {} : { http: { default: http } }),
      ...modules,
    },
    clock,
    onLog: ({ level, text, function: name }) => logs.push(`${name} ${level} ${text}`),
  });
  return { backend: backend as unknown as Backend, clock, logs };
}

/** An HTTP action that answers with a text. */
export function saying(text: string) {
  return httpAction(async () => new Response(text));
}

/** Status and body of a response. */
export async function told(response: Promise<Response>): Promise<[number, string]> {
  const { status, ...rest } = await response.then(async (each) => ({
    status: each.status,
    text: await each.text(),
  }));
  return [status, rest.text];
}

/** Status and parsed JSON of a response. */
export async function json(response: Promise<Response>): Promise<[number, unknown]> {
  const [status, text] = await told(response);
  return [status, JSON.parse(text)];
}

/** A POST of JSON to a path. */
export function post(
  backend: Pick<Backend, "fetch">,
  path: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<Response> {
  return backend.fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
}
