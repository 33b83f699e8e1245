// @convex-dev/rate-limiter, unmodified: limits that refill as the clock moves, in the caller's
// transaction. It has a component of its own installed in it, for updates that are made later.

import { HOUR, MINUTE, RateLimiter, SECOND } from "@convex-dev/rate-limiter";
import rateLimiter from "@convex-dev/rate-limiter/test";
import { mutationGeneric, queryGeneric } from "convex/server";
import { v } from "convex/values";
import { describe, expect, it } from "vitest";
import { components, startBackend } from "../start-backend";

const limits = new RateLimiter(components.rateLimiter, {
  send: { kind: "token bucket", rate: 10, period: MINUTE, capacity: 3 },
  signUp: { kind: "fixed window", rate: 2, period: HOUR, start: 0 },
});

const limit = (name: "send" | "signUp") =>
  mutationGeneric({
    args: { user: v.string(), throws: v.optional(v.boolean()) },
    handler: (ctx, { user, throws }) =>
      limits.limit(ctx, name, { key: user, throws: throws ?? false }),
  });

const m = {
  send: limit("send"),
  signUp: limit("signUp"),
  sendAndFail: mutationGeneric({
    args: { user: v.string() },
    handler: async (ctx, { user }) => {
      await limits.limit(ctx, "send", { key: user });
      throw new Error("after the limit");
    },
  }),
  left: queryGeneric({
    args: { user: v.string() },
    handler: async (ctx, { user }) => (await limits.getValue(ctx, "send", { key: user })).value,
  }),
  laterLimit: mutationGeneric({
    args: {},
    handler: (ctx) =>
      limits.limit(ctx, "later", {
        config: { kind: "token bucket", rate: 2, period: HOUR, applyUpdates: "asynchronously" },
      }),
  }),
};

const start = () => startBackend({ m }, { components: { rateLimiter } });

describe("rate limiter", () => {
  it("[CMPT20] refills a bucket as the clock advances", async () => {
    const backend = start();
    const send = (user = "ann") => backend.mutation("m:send", { user });
    for (let sent = 0; sent < 3; sent++) expect(await send()).toMatchObject({ ok: true });
    expect(await send()).toEqual({ ok: false, retryAfter: 6 * SECOND });
    expect(await send("bob")).toMatchObject({ ok: true });
    await backend.advance(6 * SECOND - 1);
    const refused = await send();
    expect(refused).toMatchObject({ ok: false });
    expect(refused.retryAfter).toBeCloseTo(1);
    await backend.advance(1);
    expect(await send()).toMatchObject({ ok: true });
    await backend.advance(MINUTE);
    for (let sent = 0; sent < 3; sent++) expect(await send()).toMatchObject({ ok: true });
    expect(await send()).toMatchObject({ ok: false });
  });

  it("[CMPT20] opens a new window when the old one is over", async () => {
    const backend = start();
    const signUp = () => backend.mutation("m:signUp", { user: "ann" });
    await backend.advance(20 * MINUTE);
    await signUp();
    await signUp();
    expect(await signUp()).toEqual({ ok: false, retryAfter: 40 * MINUTE });
    await backend.advance(40 * MINUTE);
    expect(await signUp()).toMatchObject({ ok: true });
  });

  it("[CMPT20] spends nothing when the caller's transaction fails", async () => {
    const backend = start();
    await expect(backend.mutation("m:sendAndFail", { user: "ann" })).rejects.toThrow("after the");
    expect(await backend.query("m:left", { user: "ann" })).toBe(3);
  });

  it("[CMPT20] throws its ConvexError through the component boundary", async () => {
    const backend = start();
    const send = () => backend.mutation("m:send", { user: "ann", throws: true });
    for (let sent = 0; sent < 3; sent++) await send();
    await expect(send()).rejects.toMatchObject({
      data: { kind: "RateLimited", name: "send", retryAfter: 6 * SECOND },
    });
  });

  it("[CMPT20] tells subscribers of the app what its tables say", async () => {
    const backend = start();
    const seen: number[] = [];
    const stop = backend.subscribe("m:left", { user: "ann" }, (left) => seen.push(left));
    await backend.settle();
    await backend.mutation("m:send", { user: "bob" });
    await backend.mutation("m:send", { user: "ann" });
    await backend.settle();
    stop();
    expect(seen).toEqual([3, 2]);
  });

  it("[CMPT20] applies updates later through the component installed in it", async () => {
    const backend = start();
    const attempt = async () => (await backend.mutation("m:laterLimit", {})).ok;
    expect([await attempt(), await attempt()]).toEqual([true, true]);
    await backend.advance(10 * SECOND);
    expect(await attempt()).toBe(false);
    await backend.advance(HOUR);
    expect(await attempt()).toBe(true);
  });
});
