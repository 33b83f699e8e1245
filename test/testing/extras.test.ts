/** What `t` has beyond convex-test's: subscriptions, time, forks, the backend below. */
import "invex/testing/matchers";
import { type AnyDataModel, defineSchema, defineTable, type FunctionReference } from "invex/server";
import { convexTest, defineTestApp, type TestConvexRoot } from "invex/testing";
import { v } from "invex/values";
import { createLocalJWKSet, jwtVerify } from "jose";
import { afterEach, describe, expect, it, vi } from "vitest";
import { api, internal } from "./app/convex/_generated/api";
import schema from "./app/convex/schema";
import mailerSchema from "./app/mailer/schema";
import { mailerModules, modules } from "./app/modules";
import { named } from "./suites/target";

/** As `npx convex codegen` would write it. */
interface MailerApi {
  readonly post: {
    readonly send: FunctionReference<"mutation", "internal", { to: string }, null>;
    readonly sent: FunctionReference<"query", "internal", Record<never, never>, string[]>;
  };
}

const note = { text: "hi", author: "ada" };
const start = () => convexTest(schema, modules);

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe("t.subscribe", () => {
  it("[TST15] tells what was delivered and how often the query ran again", async () => {
    const t = start();
    const seen: unknown[] = [];
    const ada = t.subscribe(api.notes.by, { author: "ada" }, (notes) => seen.push(notes));
    await t.settle();
    expect(ada).toHaveRerun(0);
    expect(ada).toHaveDelivered([]);
    await t.mutation(api.notes.add, { ...note, author: "eve" });
    await t.settle();
    expect(ada).toHaveRerun(0);
    await t.mutation(api.notes.add, note);
    await t.settle();
    expect(ada).toHaveRerun(1);
    expect(ada).not.toHaveRerun(2);
    expect(ada).toHaveDelivered([expect.objectContaining(note)]);
    expect(ada.value).toMatchObject([note]);
    expect(seen).toEqual(ada.deliveries);
  });

  it("[TST15] counts runs that changed nothing, and not those for other users", async () => {
    const t = start();
    const page = t.subscribe(internal.notes.count, {});
    const me = t.withIdentity({ name: "Ada" }).subscribe(api.who.ami);
    const you = t.withIdentity({ name: "Eve" }).subscribe(api.who.ami);
    await t.settle();
    const id = await t.mutation(api.notes.add, note);
    await t.settle();
    await t.run(async (ctx) => await ctx.db.patch(id, { rank: 1 }));
    await t.settle();
    expect(page).toHaveRerun(2);
    expect(page.deliveries).toEqual([0, 1]);
    expect([me.reruns, you.reruns]).toEqual([0, 0]);
    expect([me.value?.name, you.value?.name]).toEqual(["Ada", "Eve"]);
  });

  it("[TST15] waits for the next result, and ends when called", async () => {
    const t = start();
    const count = t.subscribe(internal.notes.count, {});
    expect(await count.next()).toBe(0);
    const next = count.next();
    await t.mutation(api.notes.add, note);
    expect(await next).toBe(1);
    count();
    await t.mutation(api.notes.add, note);
    await t.settle();
    expect(count.deliveries).toEqual([0, 1]);
  });

  it("[TST15] tells errors as they were thrown", async () => {
    const t = start();
    const errors: Error[] = [];
    const bad = t.subscribe(api.notes.badResult, {}, undefined, (error) => errors.push(error));
    await t.settle();
    expect(bad.error?.message).toContain("ReturnsValidationError");
    expect(errors).toEqual([bad.error]);
  });

  it("[TST15] matchers explain themselves", () => {
    const t = start();
    const count = t.subscribe(internal.notes.count, {});
    expect(() => expect(count).toHaveRerun(1)).toThrow("to have rerun 1 times; it has 0 times");
    expect(() => expect(count).toHaveDelivered(7)).toThrow("it has delivered 0 results");
    expect(() => expect({}).toHaveRerun(1)).toThrow("t.subscribe()");
  });
});

describe("t.advance", () => {
  it("[TST16] runs jobs and crons at their times, without fake timers", async () => {
    const t = start();
    await t.mutation(api.jobs.later, { afterMs: 25 * 60_000, line: "late" });
    const before = await t.query(api.notes.time);
    const report = await t.advance({ minutes: 31 });
    expect(report.runs.map((run) => run.function)).toEqual([
      "jobs.js:write",
      "jobs.js:write",
      "jobs.js:write",
      "jobs.js:write",
      "jobs.js:write",
    ]);
    expect(await lines(t)).toEqual(["tick", "tick", "tick", "late", "tick"]);
    expect(await t.query(api.notes.time)).toBeGreaterThanOrEqual(before + 31 * 60_000);
    expect(Date.now()).toBeLessThan(before + 60_000);
  });

  it("[TST16] goes on from where it was, and crons wait for it alone", async () => {
    vi.useFakeTimers();
    const t = start();
    await t.advance({ minutes: 6 });
    expect(await lines(t)).toEqual(["tick"]);
    await t.mutation(api.jobs.later, { afterMs: 60_000, line: "late" });
    await t.finishAllScheduledFunctions(vi.runAllTimers);
    expect(await lines(t)).toEqual(["tick", "late"]);
    await t.advance({ minutes: 6 });
    expect(await lines(t)).toEqual(["tick", "late", "tick"]);
  });

  it("[TST16] settles what is due now", async () => {
    const t = start();
    await t.mutation(api.jobs.start, { left: 3 });
    await t.settle();
    expect(await lines(t)).toEqual(["left 3", "left 2", "left 1", "left 0"]);
  });
});

describe("t.fork", () => {
  it("[TST17] is independent, with the same documents, jobs, files, time and components", async () => {
    const t = start();
    t.registerComponent("mailer", mailerSchema, mailerModules);
    await t.mutation(api.notes.add, note);
    await t.mutation(api.jobs.later, { afterMs: 60_000, line: "late" });
    await t.advance({ days: 1 });
    const fork = t.fork();
    await fork.mutation(api.notes.add, { ...note, text: "only here" });
    expect(await fork.query(internal.notes.count)).toBe(2);
    expect(await t.query(internal.notes.count)).toBe(1);
    expect(await fork.action(api.actions.post, { to: "bob" })).toEqual(["bob"]);
    expect(await lines(fork)).toContain("late");
    const [forkTime, time] = [await fork.query(api.notes.time), await t.query(api.notes.time)];
    expect(Math.abs(forkTime - time)).toBeLessThan(60_000);
    const [inFork, here] = [
      fork.subscribe(internal.notes.count, {}),
      t.subscribe(internal.notes.count, {}),
    ];
    await Promise.all([fork.settle(), t.settle()]);
    await fork.mutation(internal.notes.clear);
    await fork.settle();
    expect(inFork).toHaveRerun(1);
    expect(here).toHaveRerun(0);
  });

  it("[TST17] may be made before anything has run", async () => {
    const fork = start().fork();
    await fork.mutation(api.jobs.start, { left: 0 });
    await fork.settle();
    expect(await lines(fork)).toEqual(["left 0"]);
  });
});

describe("t.backend", () => {
  it("[TST18] is the backend below, whose errors come as the engine words them", async () => {
    const t = start();
    await t.backend.mutation("notes:add", note);
    expect(await t.query(internal.notes.count)).toBe(1);
    const failing = t.backend.mutation("notes:add", { ...note, text: "" });
    await expect(failing).rejects.toThrow(/^\[Request ID: [0-9a-f]{16}\] Server Error\nUncaught/);
  });
});

describe("defineTestApp", () => {
  const schema = defineSchema({ messages: defineTable({ text: v.string() }) });
  const register = (t: TestConvexRoot<AnyDataModel>, name: string) =>
    t.registerComponent<MailerApi>(name, mailerSchema, mailerModules);
  const app = defineTestApp({ schema, components: { mailer: { register } } });
  const { api, internal, createTest } = app.defineModules({
    messages: {
      add: app.mutation({
        args: { text: v.string() },
        handler: (ctx, message) => ctx.db.insert("messages", message),
      }),
    },
    "deep/er": {
      count: app.internalQuery({
        handler: async (ctx): Promise<number> => (await ctx.db.query("messages").collect()).length,
      }),
      token: app.internalMutation({
        handler: (ctx): Promise<string> =>
          ctx.auth.signJwt({ claims: { aud: "tests" }, expiresInSeconds: 60 }),
      }),
    },
  });

  it("[TST23] begins tests with the functions it was given, a new backend each", async () => {
    const t = createTest();
    await t.mutation(api.messages.add, { text: "hi" });
    expect(await t.query(internal.deep.er.count)).toBe(1);
    expect(await createTest().query(internal.deep.er.count)).toBe(0);
    const limited = createTest({ transactionLimits: { documentsWritten: 0 } });
    await expect(limited.mutation(api.messages.add, { text: "hi" })).rejects.toThrow();
  });

  it("[TST23] registers its components anew for every test", async () => {
    for (const t of [createTest(), createTest()]) {
      await t.mutation(app.components.mailer.post.send, { to: "ada" });
      expect(await t.query(app.components.mailer.post.sent)).toEqual(["ada"]);
    }
    const name = "a/b";
    expect(() => defineTestApp({ schema, components: { [name]: { register } } })).toThrow(
      'Invalid component instance name "a/b"',
    );
    const late = { register: (async () => {}) as never };
    const slow = defineTestApp({ schema, components: { late } }).defineModules({});
    expect(() => slow.createTest()).toThrow("returned a Promise");
  });

  it("[TST24] `t.jwks` verifies tokens of the app, and components are given as references", async () => {
    const t = createTest();
    const token = await t.mutation(internal.deep.er.token);
    const { payload } = await jwtVerify(token, createLocalJWKSet(await t.jwks()));
    expect(payload).toMatchObject({ aud: "tests", iss: "https://some-deployment.convex.cloud" });
    const second = t.registerComponent<MailerApi>("second", mailerSchema, mailerModules);
    await t.mutation(second.post.send, { to: "bob" });
    expect(await t.query(second.post.sent)).toEqual(["bob"]);
  });
});

describe("a failing test", () => {
  it("[TST19] shows the function, the path of the argument and the author's line", async () => {
    const t = start();
    const error: Error = await t
      .mutation(api.notes.add, { ...note, text: 1 } as never)
      .catch((e) => e);
    expect(error.message).toContain("Path: .text");
    expect(error.message).toContain("Function: notes:add");
    expect(error.stack).toContain("extras.test.ts");
    const thrown: Error = await t.mutation(api.notes.add, { ...note, text: "" }).catch((e) => e);
    expect(thrown.stack).toMatch(/^Error: a note needs a text\n +at .*notes\.ts/);
    expect(thrown.stack).not.toContain("/src/functions/");
  });

  it("[TST19] offers the name that was meant", async () => {
    await expect(start().query(named("notes:cout"))).rejects.toThrow('Did you mean "notes:count"?');
  });
});

async function lines(t: ReturnType<typeof start>): Promise<string[]> {
  return await t.run(async (ctx) => (await ctx.db.query("log").collect()).map(({ line }) => line));
}
