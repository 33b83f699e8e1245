// Functions: called by hand, listed, explained; schedule, logs, commits and live queries.

import { ConvexClient } from "convex/browser";
import { webSocketFor } from "invex/client";
import { describe, expect, it, onTestFinished } from "vitest";
import { nameIn } from "../../src/inspector/page/component-name";
import { type RunOutcome, runFunction } from "../../src/inspector/page/function-run";
import { waitUntil } from "../sync/wait-until";
import { createLab } from "./lab";
import { openInspector, rowsOf } from "./open-inspector";

const choiceOf = (component: string, path: string, kind: string) =>
  ({ component, fn: { path, kind, visibility: "public", args: { type: "any" } } }) as never;

describe("calls", () => {
  it("[INS6] reach functions of every visibility and component, as anybody", async () => {
    const backend = createLab();
    const { connect } = await openInspector(backend);
    const nobody = connect();
    expect(await nobody.mutation("notes:hidden" as never, {} as never)).toBe("nobody");
    const ada = connect({
      issuer: "https://a.b",
      subject: "ada",
      name: "Ada",
      tokenIdentifier: "x",
    });
    expect(await ada.mutation("notes:hidden" as never, {} as never)).toBe("Ada");
    const count = nameIn("counter", "counter:count") as never;
    expect(await nobody.mutation(count, { of: "a|b" } as never)).toBe(1);
    expect(await nobody.mutation(count, { of: "a|b" } as never)).toBe(2);
  });

  it("[INS6] tell whole errors and logs, also where clients get neither", async () => {
    const backend = createLab({ redactErrors: true });
    const { page } = await openInspector(backend);
    const outcome = await new Promise<RunOutcome>((resolve) => {
      const request = { args: {}, identity: undefined, isSubscription: false };
      runFunction(page, { ...request, choice: choiceOf("", "notes:fails", "action") }, resolve);
    });
    expect(outcome.result).toMatchObject({ ok: false });
    expect(JSON.stringify(outcome.result)).toContain("broken on purpose");
    expect(outcome.logLines).toEqual(["[WARN] 'about to fail'"]);
  });

  it("[INS6] of queries go on for as long as they are subscribed to", async () => {
    const backend = createLab();
    const { page } = await openInspector(backend);
    const outcomes: RunOutcome[] = [];
    const stop = runFunction(
      page,
      {
        choice: choiceOf("", "notes:list", "query"),
        args: { tag: "t" },
        identity: undefined,
        isSubscription: true,
      },
      (outcome) => outcomes.push(outcome),
    );
    await waitUntil(() => outcomes.length === 1, "a first result");
    await backend.mutation("notes:add", { n: 1, tag: "t" });
    await waitUntil(() => outcomes.length === 2, "a second one");
    expect(outcomes[1]).toMatchObject({
      result: { ok: true, value: [{ n: 1 }] },
      updates: 2,
    });
    stop();
    await backend.mutation("notes:add", { n: 2, tag: "t" });
    await backend.settle();
    expect(outcomes).toHaveLength(2);
  });

  it("[INS7] of the inspector's own functions are nobody else's to make", async () => {
    const backend = createLab({ adminKey: "the admin key of a backend" });
    await openInspector(backend);
    await expect(backend.query("_system/inspector:rows", {})).rejects.toThrow("_system/inspector");
    const client = new ConvexClient(backend.url, {
      webSocketConstructor: webSocketFor(backend),
      skipConvexDeploymentUrlCheck: true,
      logger: false,
    });
    onTestFinished(() => client.close());
    const tables = client.query("_system/inspector:tables" as never, { seen: 0 } as never);
    await expect(tables).rejects.toThrow("Could not find public function");
  });

  it("[INS7] to an inspector's function that is not there are refused", async () => {
    const { page, follow } = await openInspector(createLab());
    await expect(page.act("nonsense", {})).rejects.toThrow("no such function");
    const wrong = follow("rows", { component: 1 });
    await waitUntil(() => wrong.errors.length === 1, "an error");
    expect(wrong.errors[0]).toContain("ArgumentValidationError");
  });
});

describe("the schedule", () => {
  it("[INS12] shows jobs and crons, live, and cancels", async () => {
    const backend = createLab();
    const { page, follow } = await openInspector(backend);
    await backend.ready;
    const crons = follow<{ identifier: string; nextTime: number; component: string }[]>("crons");
    const [cron] = await crons.until((all) => all.length === 1);
    expect(cron).toMatchObject({ identifier: "add a note", component: "" });
    const id = (await backend.mutation("notes:addLater", { ms: 60_000 })) as string;
    const filters = [{ field: "state.kind", op: "eq", value: "pending" }];
    const pending = follow<{ rows: object[] }>("rows", rowsOf("_scheduled_functions", { filters }));
    await pending.until(({ rows }) => rows.length === 1);
    expect(await page.act("cancelJob", { component: "", id })).toBe("canceled");
    await pending.until(({ rows }) => rows.length === 0);
    expect(await page.act("cancelJob", { component: "", id })).toBe("over");
    await expect(page.act("cancelJob", { component: "", id: "x" })).rejects.toThrow("Invalid");
  });
});

describe("functions", () => {
  it("[INS13] are listed with what they take", async () => {
    const { report } = await openInspector(createLab());
    const [app, counter] = await report<{ component: string; functions: object[] }[]>("functions");
    expect(app?.functions).toContainEqual({
      path: "notes:add",
      kind: "mutation",
      visibility: "public",
      args: {
        type: "object",
        value: {
          n: { fieldType: { type: "number" }, optional: false },
          tag: { fieldType: { type: "string" }, optional: true },
        },
      },
      returns: { type: "id", tableName: "notes" },
    });
    expect(app?.functions).toMatchObject([
      ...[{ path: "notes:add" }, { path: "notes:addLater" }, { path: "notes:fails" }],
      ...[{ path: "notes:hidden", visibility: "internal" }, {}, {}],
    ]);
    expect(counter).toMatchObject({ component: "counter", functions: [{ path: "counter:count" }] });
  });

  it("[INS13] that cannot be loaded say why", async () => {
    const { createBackend } = await import("invex");
    const broken = () => Promise.reject(new Error("a module that throws"));
    const backend = createBackend({ modules: { "./broken.ts": broken } });
    onTestFinished(() => backend.close());
    const { report } = await openInspector(backend);
    const [app] = await report<{ error: string; functions: object[] }[]>("functions");
    expect(app?.functions).toEqual([]);
    expect(app?.error).toContain("broken");
  });

  it("[INS13] are explained, as anybody, in any component", async () => {
    const backend = createLab();
    const { report } = await openInspector(backend);
    const list = { component: "", function: "notes:list", kind: "query", args: { tag: "t" } };
    const explained = await report<{ reads: { text: string }[] }>("explain", list);
    expect(explained.reads.map(({ text }) => text)).toEqual(['notes.by_tag_n: tag = "t"']);
    const hidden = { component: "", function: "notes:hidden", kind: "mutation", args: {} };
    const asAda = { ...hidden, identity: { name: "Ada" } };
    expect(await report("explain", asAda)).toMatchObject({ result: { ok: true, value: "Ada" } });
    const counted = {
      component: "counter",
      function: "counter:count",
      kind: "mutation",
      args: { of: "a" },
    };
    for (let i = 0; i < 2; i++) {
      expect(await report("explain", counted)).toMatchObject({ result: { ok: true, value: 1 } });
    }
  });
});

describe("what happens", () => {
  it("[INS14] is told from when the page is open: logs", async () => {
    const backend = createLab();
    await backend.query("notes:list", { tag: "before" });
    const { page } = await openInspector(backend);
    await backend.query("notes:list", { tag: "a" });
    await backend.action("notes:fails").catch(() => {});
    const lines = () => page.logs.entries.value.map(({ item }) => item);
    await waitUntil(() => lines().length === 2, "two lines");
    expect(lines()).toMatchObject([
      { function: "notes:list", kind: "query", level: "LOG", text: "'listing' 'a'" },
      { function: "notes:fails", kind: "action", level: "WARN", text: "'about to fail'" },
    ]);
  });

  it("[INS14] is told from when the page is open: commits", async () => {
    const backend = createLab();
    await backend.mutation("notes:add", { n: 0 });
    const { page } = await openInspector(backend);
    const id = await backend.mutation("notes:add", { n: 1 });
    await backend.run(async (ctx) => {
      await ctx.db.patch(id as never, { n: 2 });
      for (let i = 0; i < 30; i++) await ctx.db.insert("loose", { big: "x".repeat(2000) });
    });
    await backend.run((ctx) => ctx.db.insert("loose", { bytes: new ArrayBuffer(50_000) }));
    await backend.run((ctx) => ctx.db.delete(id as never));
    const commits = () => page.commits.entries.value.map(({ item }) => item!);
    await waitUntil(() => commits().length === 4, "four commits");
    const [added, patched, large, deleted] = commits();
    expect(added).toMatchObject({
      source: "notes:add",
      size: 1,
      changes: [{ component: "", table: "notes", id, before: null, after: { n: 1, _id: id } }],
    });
    expect(patched?.size).toBe(31);
    expect(patched?.changes).toHaveLength(20);
    expect(patched?.changes[0]).toMatchObject({ before: { n: 1 }, after: { n: 2 } });
    expect(large?.changes).toMatchObject([{ isLarge: true, before: null, after: null }]);
    expect(deleted?.changes).toMatchObject([{ before: { n: 2 }, after: null }]);
    expect(BigInt(added!.ts)).toBeLessThan(BigInt(patched!.ts));
  });

  it("[INS15] to live queries is told with its causes, and whose they are", async () => {
    const backend = createLab();
    const stop = backend.subscribe("notes:list", { tag: "t" }, () => {});
    onTestFinished(stop);
    const { report, follow } = await openInspector(backend);
    const rows = follow<{ rows: object[] }>("rows", rowsOf("notes"));
    await rows.until(() => true);
    await backend.mutation("notes:add", { n: 1, tag: "t" });
    await rows.until((page) => page.rows.length === 1);
    await backend.settle();
    const { app, inspector } = await report<Record<"app" | "inspector", object>>("liveQueries");
    expect(app).toMatchObject({
      total: 1,
      queries: [
        {
          function: "notes:list",
          args: { tag: "t" },
          subscribers: 1,
          reads: ['notes.by_tag_n: tag = "t"'],
          rerunCount: 1,
          reruns: [{ changed: true, because: [{ function: "notes:add", change: "insert" }] }],
        },
      ],
    });
    expect(inspector).toMatchObject({
      total: 1,
      queries: [{ function: "_system/inspector:rows" }],
    });
    expect(backend.liveQueries().map((each) => each.function)).toEqual(["notes:list"]);
  });
});
