// The inspector of a Durable Object, through workerd's own streams.

import type { Value } from "invex/values";
import { describe, expect, it, onTestFinished } from "vitest";
import { PageBackend } from "../../src/inspector/page/page-backend";
import { INSPECTOR_KEY } from "./inspector-key";
import { workerdForFile } from "./workerd";

const workerd = workerdForFile();

interface Page {
  readonly rows: readonly { key: string; balance: number }[];
}

const ROWS: Record<string, Value> = {
  ...{ component: "", table: "accounts", index: "by_creation_time", order: "asc" },
  ...{ range: [], filters: [], after: null, limit: 10 },
};

/** @returns the answers as they come; `next` waits for one that is as wanted */
function follow(page: PageBackend) {
  let latest: Page | undefined;
  let notify = () => {};
  const stop = page.follow<Page>(
    "rows",
    ROWS,
    (answer) => {
      latest = answer;
      notify();
    },
    (error) => {
      throw error;
    },
  );
  onTestFinished(stop);
  return async (isWanted: (answer: Page) => boolean) => {
    while (latest === undefined || !isWanted(latest)) {
      await new Promise<void>((resolve) => {
        notify = resolve;
      });
    }
    return latest;
  };
}

describe("the inspector of an object", () => {
  it("[INS21][DUR23] answers where it is mounted, again after the object was thrown away", async () => {
    const room = workerd.object("inspected");
    await room.mutation("ledger:put", { key: "a", balance: 1 });
    const page = new PageBackend({
      key: INSPECTOR_KEY,
      post: (init) => fetch(`${workerd.url}/inspected/inspector`, init),
    });
    onTestFinished(() => page.end());
    const next = follow(page);
    await next(({ rows }) => rows.length === 1);
    await room.mutation("ledger:put", { key: "b", balance: 2 });
    await next(({ rows }) => rows.length === 2);
    await workerd.evict("inspected");
    await workerd.object("inspected").mutation("ledger:put", { key: "c", balance: 3 });
    const { rows } = await next((answer) => answer.rows.length === 3);
    expect(rows.map(({ key }) => key)).toEqual(["a", "b", "c"]);
  });

  it("[INS21][DUR23] has its page below the path, and the backend has the rest", async () => {
    const page = await workerd.fetch("/other/inspector");
    expect(page.status).toBe(200);
    expect(await page.text()).toContain("Invex inspector");
    expect((await workerd.fetch("/other/inspectors")).status).toBe(404);
    const refused = await workerd.fetch("/other/inspector", { method: "POST", body: "{}" });
    expect(refused.status).toBe(403);
  });
});
