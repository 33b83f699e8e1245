// @vitest-environment jsdom
// Convex's React hooks, unmodified, on a backend in the same process.

import { act, cleanup, fireEvent, render, screen } from "@testing-library/react";
import {
  Authenticated,
  AuthLoading,
  ConvexProvider,
  ConvexProviderWithAuth,
  ConvexReactClient,
  Unauthenticated,
  useAction,
  useConvexAuth,
  useMutation,
  usePaginatedQuery,
  useQuery,
} from "convex/react";
import { anyApi } from "convex/server";
import { createElement as h, type ReactNode, StrictMode, useCallback, useMemo } from "react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { webSocketFor } from "../../src/sync/client";
import { type Chat, createChat, quiet } from "./chat";
import { createIssuer, watchVerifications } from "./tokens";

// biome-ignore lint/suspicious/noExplicitAny: the api of untyped modules
const api = anyApi.messages as any;
const GENERAL = { channel: "general" };

let chat: Chat;
let clients: ConvexReactClient[] = [];

(globalThis as { IS_REACT_ACT_ENVIRONMENT?: boolean }).IS_REACT_ACT_ENVIRONMENT = true;

beforeEach(() => {
  chat = createChat();
});

afterEach(async () => {
  cleanup();
  for (const client of clients) await client.close();
  clients = [];
  await chat.backend.close();
});

function connect(): ConvexReactClient {
  const client = new ConvexReactClient(chat.backend.url, {
    webSocketConstructor: webSocketFor(chat.backend),
    unsavedChangesWarning: false,
    logger: false,
  });
  clients.push(client);
  return client;
}

function show(child: ReactNode, client = connect()) {
  return render(h(StrictMode, null, h(ConvexProvider, { client }, child)));
}

/** Until the page shows what it should; whatever React is told meanwhile is part of the test. */
async function until(holds: () => boolean, what: string): Promise<void> {
  for (let turn = 0; turn < 2000; turn++) {
    if (holds()) return;
    await act(quiet);
  }
  throw new Error(`the page never showed ${what}: ${document.body.textContent}`);
}

const textOf = (id: string) => screen.getByTestId(id).textContent;

function Channel({ id, channel }: { id: string; channel: string }) {
  const rows = useQuery(api.list, { channel }) as string[] | undefined;
  const send = useMutation(api.send).withOptimisticUpdate((store, args: { body: string }) => {
    const known = store.getQuery(api.list, { channel }) as string[] | undefined;
    if (known !== undefined) store.setQuery(api.list, { channel }, [...known, `${args.body}?`]);
  });
  return h(
    "div",
    null,
    h("p", { "data-testid": id }, rows === undefined ? "loading" : rows.join(",")),
    h("p", { "data-testid": `${id}-send`, onClick: () => void send({ channel, body: "hi" }) }),
  );
}

function Skipping() {
  return h("p", { "data-testid": "skip" }, String(useQuery(api.list, "skip")));
}

function Failing({ problems }: { problems: string[] }) {
  const rows = useQuery(api.list, GENERAL) as string[] | undefined;
  const fail = useMutation(api.fail).withOptimisticUpdate((store) => {
    store.setQuery(api.list, GENERAL, ["lost?"]);
  });
  const onClick = () =>
    void fail({}).catch((error: Error & { data?: { reason: string } }) =>
      problems.push(error.data?.reason ?? ""),
    );
  return h("p", { "data-testid": "list", onClick }, rows?.join(",") ?? "loading");
}

function Working({ results }: { results: unknown[] }) {
  const work = useAction(api.work);
  const onClick = () => void work({ name: "done" }).then((result) => results.push(result));
  return h("p", { "data-testid": "work", onClick });
}

function Pages() {
  const { results, status, loadMore } = usePaginatedQuery(api.page, GENERAL, {
    initialNumItems: 3,
  });
  const bodies = (results as { body: string }[]).map(({ body }) => body);
  const text = `${status}: ${bodies.join(",")}`;
  return h("p", { "data-testid": "pages", onClick: () => loadMore(3) }, text);
}

describe("hooks", () => {
  it("[CLNT10] useQuery loads, follows every commit, changes with its arguments, skips", async () => {
    const client = connect();
    const page = (channel: string) =>
      h(ConvexProvider, { client }, h(Channel, { id: "list", channel }));
    const { rerender } = render(page("general"));
    expect(textOf("list")).toBe("loading");
    await until(() => textOf("list") === "", "an empty list");
    await act(() => chat.backend.mutation("messages:send", { ...GENERAL, body: "a" }));
    await until(() => textOf("list") === "a", "the message");
    rerender(page("other"));
    await until(() => textOf("list") === "", "the other channel");
    rerender(h(ConvexProvider, { client }, h(Skipping)));
    await act(quiet);
    expect(textOf("skip")).toBe("undefined");
  });

  it("[CLNT11] an optimistic update shows at once, is confirmed without a flicker, and two clients agree", async () => {
    const shown: (string | null)[] = [];
    show(h("div", null, h(Channel, { id: "mine", ...GENERAL })));
    show(h(Channel, { id: "theirs", ...GENERAL }));
    await until(() => textOf("mine") === "" && textOf("theirs") === "", "two empty lists");
    const observer = new MutationObserver(() => shown.push(textOf("mine")));
    observer.observe(document.body, { subtree: true, childList: true, characterData: true });
    act(() => {
      fireEvent.click(screen.getByTestId("mine-send"));
    });
    expect(textOf("mine")).toBe("hi?");
    await until(() => textOf("mine") === "hi" && textOf("theirs") === "hi", "the message twice");
    observer.disconnect();
    expect(new Set(shown)).toEqual(new Set(["hi?", "hi"]));
    expect(await chat.bodies()).toEqual(["hi"]);
  });

  it("[CLNT11] a failed mutation rolls its optimistic update back", async () => {
    const problems: string[] = [];
    show(h(Failing, { problems }));
    await until(() => textOf("list") === "", "an empty list");
    act(() => {
      fireEvent.click(screen.getByTestId("list"));
    });
    expect(textOf("list")).toBe("lost?");
    await until(() => textOf("list") === "", "the list as it was");
    expect(problems).toEqual(["no"]);
  });

  it("[CLNT12] useAction resolves with the action's result", async () => {
    const results: unknown[] = [];
    show(h(Working, { results }));
    act(() => {
      fireEvent.click(screen.getByTestId("work"));
    });
    await until(() => results.length > 0, "a result");
    expect(results).toEqual(["done"]);
  });

  it("[CLNT13] usePaginatedQuery stays whole while rows come and go in every page", async () => {
    const add = (body: string) => chat.backend.mutation("messages:send", { ...GENERAL, body });
    for (let i = 0; i < 9; i++) await add(`m${i}`);
    show(h(Pages));
    await until(() => textOf("pages") === "CanLoadMore: m8,m7,m6", "the first page");
    for (const size of [6, 9]) {
      act(() => {
        fireEvent.click(screen.getByTestId("pages"));
      });
      await until(() => textOf("pages")?.split(",").length === size, `${size} rows`);
    }
    const expected = async () =>
      (await chat.backend.query((ctx) => ctx.db.query("messages").order("desc").collect())).map(
        (row: { body: string }) => row.body,
      );
    const isWhole = async () => {
      await act(quiet);
      expect(textOf("pages")?.split(": ")[1]).toBe((await expected()).join(","));
    };
    for (const [gone, more] of [
      ["m7", "n1"],
      ["m4", "n2"],
      ["m1", "n3"],
      ["m8", "n4"],
    ]) {
      await act(() => chat.backend.mutation("messages:clear", { body: gone as string }));
      await isWhole();
      await act(() => add(more as string));
      await isWhole();
    }
    // Between rows of a middle page, too: take one out and let it be the page's edge.
    for (const body of ["m6", "m5"]) {
      await act(() => chat.backend.mutation("messages:clear", { body }));
      await isWhole();
    }
  });
});

type FetchToken = (args: { forceRefreshToken: boolean }) => Promise<string | null>;

function AuthPage({ client, fetchToken }: { client: ConvexReactClient; fetchToken: FetchToken }) {
  const useAuth = useCallback(
    () =>
      // biome-ignore lint/correctness/useHookAtTopLevel: this is a hook, handed to the provider
      useMemo(
        () => ({ isLoading: false, isAuthenticated: true, fetchAccessToken: fetchToken }),
        [],
      ),
    [fetchToken],
  );
  return h(ConvexProviderWithAuth, { client, useAuth } as never, h(Who));
}

function Who() {
  const { isLoading, isAuthenticated } = useConvexAuth();
  const name = useQuery(api.whoami, {}) as string | null | undefined;
  return h(
    "div",
    null,
    h(AuthLoading, null, h("p", { "data-testid": "state" }, "loading")),
    h(Unauthenticated, null, h("p", { "data-testid": "state" }, "out")),
    h(Authenticated, null, h("p", { "data-testid": "state" }, "in")),
    h("p", { "data-testid": "name" }, isLoading || !isAuthenticated ? "?" : (name ?? "nobody")),
  );
}

describe("ConvexProviderWithAuth", () => {
  async function start(fetchToken: (args: { forceRefreshToken: boolean }, ask: number) => unknown) {
    const asked: boolean[] = [];
    const ask: FetchToken = async (args) => {
      asked.push(args.forceRefreshToken);
      return fetchToken(args, asked.length) as Promise<string | null>;
    };
    render(h(AuthPage, { client: connect(), fetchToken: ask }));
    return asked;
  }

  it("[CLNT14] a good token signs in, and is refreshed once at the start", async () => {
    const issuer = await createIssuer();
    await chat.backend.close();
    chat = createChat({ auth: issuer.auth });
    const asked = await start(() => issuer.token("ada", chat.clock.now()));
    expect(textOf("state")).toBe("loading");
    await until(() => textOf("name") === "ada", "ada");
    expect(textOf("state")).toBe("in");
    await act(quiet);
    expect(asked).toEqual([false, true]);
  });

  it("[CLNT14] bad tokens are tried again and then given up", async () => {
    const issuer = await createIssuer();
    await chat.backend.close();
    chat = createChat({ auth: issuer.auth });
    const silent = vi.spyOn(console, "error").mockImplementation(() => {});
    const asked = await start((_args, ask) => Promise.resolve(`bad${ask}`));
    await until(() => textOf("state") === "out", "nobody signed in");
    silent.mockRestore();
    expect(asked).toEqual([false, true, true, true]);
  });

  it("[CLNT14] a token that expires is replaced and the session goes on", async () => {
    const issuer = await createIssuer();
    await chat.backend.close();
    chat = createChat({ auth: issuer.auth });
    const verifications = watchVerifications();
    const asked = await start((_args, ask) =>
      issuer.token(ask > 2 ? "ada, back" : "ada", chat.clock.now(), 3600),
    );
    await until(() => textOf("name") === "ada", "ada");
    await until(() => verifications() === 2, "ada, refreshed");
    await act(quiet);
    await act(() => chat.clock.advanceTo(chat.clock.now() + 3_600_000));
    await act(() => chat.backend.mutation("messages:send", { ...GENERAL, body: "wakes it" }));
    await act(() => chat.clock.advanceTo(chat.clock.now() + 15_000));
    await until(() => textOf("name") === "ada, back", "ada again");
    expect(asked.length).toBeGreaterThanOrEqual(3);
  });
});
