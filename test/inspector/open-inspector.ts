// The inspector's page without a browser: its own connection and Convex's client in it, against the
// handler itself, and what tests want to know of what it shows.

import type { Backend } from "invex";
import { type InspectorOptions, inspector } from "invex/inspector";
import type { Value } from "invex/values";
import { onTestFinished } from "vitest";
import { type Identity, PageBackend } from "../../src/inspector/page/page-backend";
import { waitUntil } from "../sync/wait-until";

export const URL_OF_PAGE = "http://localhost:3210/inspector";

export interface OpenedInspector {
  readonly page: PageBackend;
  readonly handler: (request: Request) => Promise<Response>;
  /** The newest answers of a query of the inspector's own, as they come. */
  follow<T>(name: string, args?: Record<string, Value>): Answers<T>;
  /** What a report says. */
  report<T>(name: string, args?: Record<string, Value>): Promise<T>;
  /** A client of Convex's, as the page has one for each function that is run. */
  connect(identity?: Identity): ReturnType<PageBackend["connect"]>;
}

export interface Answers<T> {
  readonly all: readonly T[];
  readonly errors: readonly string[];
  /** Waits for one that is as wanted. */
  until(isWanted: (answer: T) => boolean): Promise<T>;
}

/** Ends with the test. */
export async function openInspector(
  backend: Backend,
  options?: InspectorOptions,
): Promise<OpenedInspector> {
  const handler = inspector(backend, options);
  const page = new PageBackend({
    post: (init) => handler(new Request(URL_OF_PAGE, init)),
    key: options?.key ?? "",
  });
  onTestFinished(() => page.end());
  await waitUntil(() => page.state.value.kind !== "connecting", "a connection");
  return {
    page,
    handler,
    follow: (name, args = {}) => follow(page, name, args),
    report: async (name, args = {}) => JSON.parse(await page.act<string>(name, args)),
    connect: (identity) => {
      const client = page.connect(identity);
      onTestFinished(() => client.close());
      return client;
    },
  };
}

function follow<T>(page: PageBackend, name: string, args: Record<string, Value>): Answers<T> {
  const all: T[] = [];
  const errors: string[] = [];
  const stop = page.follow<T>(
    name,
    args,
    (answer) => all.push(answer),
    (error) => errors.push(error.message),
  );
  onTestFinished(stop);
  const until = async (isWanted: (answer: T) => boolean) => {
    await waitUntil(() => all.length > 0 && isWanted(all.at(-1) as T), name);
    return all.at(-1) as T;
  };
  return { all, errors, until };
}

/** One request as the page makes them. */
export function ask(body: unknown, { key = "", ...headers }: Record<string, string> = {}): Request {
  return new Request(URL_OF_PAGE, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      "x-invex-inspector-key": key,
      ...headers,
    },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
}

/** Arguments of `rows` with what is the same for most. */
export function rowsOf(table: string, args: Record<string, Value> = {}): Record<string, Value> {
  const index = "by_creation_time";
  const all = { component: "", order: "asc", range: [], filters: [], after: null, limit: 50 };
  return { ...all, table, index, ...args };
}
