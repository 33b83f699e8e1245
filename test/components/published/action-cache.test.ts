// @convex-dev/action-cache, unmodified: results of an action kept in the component until they are
// too old, and thrown away by a cron of the component's own.

import { ActionCache } from "@convex-dev/action-cache";
import actionCache from "@convex-dev/action-cache/test";
import { actionGeneric } from "convex/server";
import { v } from "convex/values";
import { describe, expect, it } from "vitest";
import { components, reference, startBackend, type Untyped } from "../start-backend";

function start() {
  const asked: string[] = [];
  const cache = new ActionCache<Untyped>(components.actionCache, {
    action: reference<"action">("expensive"),
    ttl: 60 * 60 * 1000,
  });
  const documents = { before: 0 };
  const m = {
    expensive: actionGeneric({
      args: { word: v.string() },
      handler: async (_ctx, { word }) => {
        asked.push(word);
        return word.toUpperCase();
      },
    }),
    get: actionGeneric({
      args: { word: v.string() },
      handler: (ctx, { word }) => cache.fetch(ctx, { word }),
    }),
  };
  const backend = startBackend({ m }, { components: { actionCache } });
  backend.onCommit(({ changes }) => {
    for (const { component, table, before, after } of changes) {
      if (component !== "actionCache" || table !== "values") continue;
      documents.before += (after === null ? 0 : 1) - (before === null ? 0 : 1);
    }
  });
  return { backend, asked, documents };
}

describe("action cache", () => {
  it("[CMPT25] asks the action once until the result is too old", async () => {
    const { backend, asked } = start();
    const get = (word: string) => backend.action("m:get", { word });
    expect([await get("a"), await get("a"), await get("b")]).toEqual(["A", "A", "B"]);
    expect(asked).toEqual(["a", "b"]);
    await backend.advance({ minutes: 59 });
    await get("a");
    expect(asked).toEqual(["a", "b"]);
    await backend.advance({ minutes: 2 });
    await get("a");
    expect(asked).toEqual(["a", "b", "a"]);
  });

  it("[CMPT25] runs the component's cron, which empties its tables", async () => {
    const { backend, documents } = start();
    for (let n = 0; n < 25; n++) await backend.action("m:get", { word: `w${n}` });
    expect(documents.before).toBe(25);
    await backend.advance({ hours: 24 });
    expect(documents.before).toBe(0);
  });
});
