/** Calling functions: references, inline handlers, `t.run`, identities, metadata, errors, options. */
import { type FunctionReference, makeFunctionReference } from "convex/server";
import { ConvexError, type GenericId } from "convex/values";
import { afterEach, describe, expect, it, vi } from "vitest";
import { api, components, internal } from "../app/convex/_generated/api";
import { TooLong } from "../app/convex/notes";
import schema from "../app/convex/schema";
import mailerSchema from "../app/mailer/schema";
import { mailerModules, modules } from "../app/modules";
import { named, onlyRight, type Target } from "./target";

/** A `Blob` of jsdom cannot be read: neither convex-test nor Invex can store it. */
const hasBlobs = typeof Blob.prototype.arrayBuffer === "function";

const note = { text: "hi", author: "ada" };

export function callSuite(target: Target): void {
  const { convexTest } = target;
  const start = () => convexTest(schema, modules);

  afterEach(() => {
    vi.restoreAllMocks();
    vi.unstubAllEnvs();
  });

  describe("functions", () => {
    it("[TST1] are called by reference, with and without arguments, public and internal", async () => {
      const t = start();
      const id = await t.mutation(api.notes.add, note);
      expect(await t.query(api.notes.by, { author: "ada" })).toMatchObject([{ _id: id, ...note }]);
      expect(await t.query(internal.notes.count)).toBe(1);
      expect(await t.action(api.actions.addMany, { texts: ["a", "b"] })).toBe(3);
      expect(await t.mutation(internal.notes.clear, {})).toBeNull();
      expect(await t.query(internal.notes.count, {})).toBe(0);
    });

    it("[TST1] may be inline", async () => {
      const t = start();
      const id = await t.mutation(async (ctx) => await ctx.db.insert("notes", note));
      expect(await t.query(async (ctx) => await ctx.db.get(id))).toMatchObject(note);
      const count = await t.action(async (ctx) => await ctx.runQuery(internal.notes.count, {}));
      expect(count).toBe(1);
    });

    it("[TST1] return copies, and null for nothing", async () => {
      const t = start();
      await t.mutation(api.notes.add, note);
      const [first] = await t.query(api.notes.by, { author: "ada" });
      (first as { text: string }).text = "changed";
      expect((await t.query(api.notes.by, { author: "ada" }))[0]?.text).toBe("hi");
      expect(await t.mutation(async () => undefined)).toBeNull();
    });

    it("[TST1] run concurrently without getting into each other's way", async () => {
      const t = start();
      const texts = Array.from({ length: 20 }, (_, i) => `note ${i}`);
      await Promise.all(texts.map((text) => t.mutation(api.notes.add, { ...note, text })));
      expect(await t.query(internal.notes.count)).toBe(20);
    });

    it("[TST1] of two backends share nothing", async () => {
      const [one, other] = [start(), start()];
      await Promise.all([one.mutation(api.notes.add, note), other.mutation(internal.notes.clear)]);
      expect(await one.query(internal.notes.count)).toBe(1);
      expect(await other.query(internal.notes.count)).toBe(0);
    });
  });

  describe("t.run", () => {
    it.runIf(hasBlobs)(
      "[TST2] reads and writes documents and files, and returns what it is given",
      async () => {
        const t = start();
        const result = await t.run(async (ctx) => {
          const id = await ctx.db.insert("notes", note);
          const file = await ctx.storage.store(new Blob(["text of a file"]));
          const stored = await ctx.db.system.get(file);
          return { id, file, size: stored?.size, big: 2n, url: await ctx.storage.getUrl(file) };
        });
        expect(result).toMatchObject({ size: 14, big: 2n });
        expect(result.url).toMatch(/^https:\/\/some-deployment\.convex\.cloud\/api\/storage\//);
        const text = await t.run(async (ctx) => await (await ctx.storage.get(result.file))?.text());
        expect(text).toBe("text of a file");
      },
    );

    it("[TST2] leaves nothing behind when it throws", async () => {
      const t = start();
      const failing = t.run(async (ctx) => {
        await ctx.db.insert("notes", note);
        throw new Error("never mind");
      });
      await expect(failing).rejects.toThrow("never mind");
      expect(await t.query(internal.notes.count)).toBe(0);
    });

    it("[TST2] calls functions as its own part", async () => {
      const t = start();
      const count = await t.run(async (ctx) => {
        await ctx.runMutation(api.notes.add, note);
        return await ctx.runQuery(internal.notes.count, {});
      });
      expect(count).toBe(1);
    });

    it("[TST2] may remove a scheduled function by hand", async () => {
      const t = start();
      const id = await t.mutation(api.jobs.later, { afterMs: 60_000, line: "never" });
      await t.run(async (ctx) => await ctx.db.delete(id as never));
      expect(await t.run(async (ctx) => await ctx.db.system.get(id))).toBeNull();
    });
  });

  describe("identities", () => {
    it("[TST3] are nobody's by default, and made up where incomplete", async () => {
      const t = start();
      expect(await t.query(api.who.ami)).toBeNull();
      const ada = await t
        .withIdentity({ name: "Ada", email: "ada@example.com" })
        .query(api.who.ami);
      expect(ada).toMatchObject({ name: "Ada", issuer: "https://convex.test" });
      expect(ada?.subject).toMatch(/^-?\d+$/);
      expect(ada?.tokenIdentifier).toBe(`https://convex.test|${ada?.subject}`);
    });

    it("[TST3] keep what is given, custom claims too, and do not change `t`", async () => {
      const t = start();
      const given = { subject: "s", issuer: "i", tokenIdentifier: "t", role: "admin" };
      const admin = t.withIdentity(given);
      expect(await admin.query(api.who.ami)).toEqual(given);
      expect(await admin.withIdentity({ name: "Eve" }).query(api.who.ami)).toMatchObject({
        name: "Eve",
      });
      expect(await t.query(api.who.ami)).toBeNull();
      expect(await admin.run(async (ctx) => await ctx.auth.getUserIdentity())).toEqual(given);
    });

    it("[TST3] are the same for the same attributes", async () => {
      const t = start();
      const subjects = await Promise.all(
        [1, 2].map(() => t.withIdentity({ name: "Ada" }).query(api.who.ami)),
      );
      expect(subjects[0]?.subject).toBe(subjects[1]?.subject);
    });
  });

  describe("request metadata", () => {
    it("[TST4] is what withRequestMetadata says, in any order with withIdentity", async () => {
      const t = start();
      expect(await t.mutation(api.who.asked)).toMatchObject({
        ip: null,
        userAgent: null,
        scheduledFunctionId: null,
        authToken: null,
      });
      const from = t.withRequestMetadata({ ip: "10.0.0.1" });
      expect(await from.mutation(api.who.asked)).toMatchObject({ ip: "10.0.0.1", userAgent: null });
      const both = from.withIdentity({ name: "Ada", familyName: "Lovelace" });
      const asked = await both.mutation(api.who.asked);
      expect(asked.ip).toBe("10.0.0.1");
      const [, payload = ""] = asked.authToken?.split(".") ?? [];
      expect(JSON.parse(atob(payload))).toMatchObject({ name: "Ada", family_name: "Lovelace" });
      const agent = both.withRequestMetadata({ userAgent: "curl" });
      expect(await agent.mutation(api.who.asked)).toMatchObject({ ip: null, userAgent: "curl" });
    });
  });

  describe("errors", () => {
    it("[TST5] arrive as they were thrown", async () => {
      const t = start();
      await expect(t.mutation(api.notes.add, { ...note, text: "" })).rejects.toThrowError(
        /^a note needs a text$/,
      );
      await expect(
        t.mutation(api.notes.add, { ...note, text: "x".repeat(21) }),
      ).rejects.toBeInstanceOf(TooLong);
      const error = await t.mutation(api.notes.add, { ...note, author: "nobody" }).catch((e) => e);
      expect(error).toBeInstanceOf(ConvexError);
      expect(error.data).toEqual({ code: "no-author", tries: 3n });
    });

    it("[TST5] keep message, class and data through nested calls", async () => {
      const t = start();
      await expect(t.action(api.actions.addMany, { texts: [""] })).rejects.toThrowError(
        /^a note needs a text$/,
      );
      expect(await t.action(api.actions.rescue, { text: "", author: "ada" })).toMatchObject({
        is: "Error",
        message: "a note needs a text",
      });
    });

    it.runIf(
      onlyRight(target, "engine.md 10.1 row 9: Int64 inside a nested ConvexError is decoded"),
    )("[TST5] a nested ConvexError carries decoded data", async () => {
      const t = start();
      expect(await t.action(api.actions.rescue, { text: "x", author: "nobody" })).toMatchObject({
        is: "ConvexError",
        data: { code: "no-author", tries: 3n },
      });
    });

    it("[TST6] of arguments, documents and results can be matched in convex-test's words", async () => {
      const t = start();
      const wrong = (args: unknown) => t.mutation(api.notes.add, args as never);
      await expect(wrong({ author: "ada" })).rejects.toThrow(
        "Validator error: Missing required field `text` in object",
      );
      await expect(wrong({ ...note, more: 1 })).rejects.toThrow(
        "Validator error: Unexpected field `more` in object",
      );
      await expect(wrong({ ...note, text: 1 })).rejects.toThrow(
        "Validator error: Expected `string`, got `1`",
      );
      const insert = t.run(async (ctx) => await ctx.db.insert("notes", { text: 1 } as never));
      await expect(insert).rejects.toThrow("Validator error");
      await expect(t.query(api.notes.badResult)).rejects.toThrow(/Expected `string`, got `1`/);
    });

    it("[TST6] of lookups can be matched in convex-test's words", async () => {
      const t = start();
      const call = (path: string) => t.query(named(path));
      await expect(call("nowhere:x")).rejects.toThrow('Could not find module for: "nowhere"');
      await expect(call("notes:x")).rejects.toThrow(
        'Expected a Convex function exported from module "notes" as `x`',
      );
      await expect(call("notes:add")).rejects.toThrow("is not a query");
      await expect(
        t.run(async (ctx) => {
          const id = await ctx.db.insert("notes", note);
          await ctx.db.delete(id);
          await ctx.db.delete(id);
        }),
      ).rejects.toThrow("Delete on non-existent doc");
    });

    it("[TST5] roll the mutation back", async () => {
      const t = start();
      await expect(t.mutation(api.notes.addTwice, { text: "x" })).rejects.toThrow("rolled back");
      expect(await t.run(async (ctx) => await ctx.db.query("log").collect())).toEqual([]);
    });

    it.runIf(
      onlyRight(target, "functions.md 12: a top-level mutation's result is checked before commit"),
    )("[TST9] a wrong result commits nothing", async () => {
      const t = start();
      await expect(t.mutation(api.notes.addBadly)).rejects.toThrow("ReturnsValidationError");
      expect(await t.run(async (ctx) => await ctx.db.query("log").collect())).toEqual([]);
    });
  });

  describe("what only tests do", () => {
    it("[TST2] `t.run` finds nothing under an id that is none", async () => {
      const made = "0123456789012345678901234notes" as GenericId<"notes">;
      expect(await start().run(async (ctx) => await ctx.db.get(made))).toBeNull();
    });

    it("[TST20] a handle written by hand may be scheduled whatever it leads to", async () => {
      const t = start();
      const lost = "function://;nowhere:nothing" as unknown as FunctionReference<"mutation">;
      await t.run(async (ctx) => await ctx.scheduler.runAfter(60_000, lost, {}));
      const jobs = await t.run(
        async (ctx) => await ctx.db.system.query("_scheduled_functions").collect(),
      );
      expect(jobs).toMatchObject([{ state: { kind: "pending" } }]);
    });
  });

  describe("the process", () => {
    it("[TST7] lends functions its environment variables, as they are now", async () => {
      const t = start();
      expect(await t.query(api.notes.secret)).toBeNull();
      vi.stubEnv("NOTES_SECRET", "s3cret");
      expect(await convexTest(schema, modules).query(api.notes.secret)).toBe("s3cret");
    });

    it("[TST7] hears their console, argument by argument", async () => {
      const log = vi.spyOn(console, "log").mockImplementation(() => {});
      await start().mutation(api.notes.say, { word: "hello" });
      expect(log).toHaveBeenCalledWith("said", { word: "hello" });
    });

    it("[TST7] lends functions its variables while another module is loading", async () => {
      vi.stubEnv("NOTES_SECRET", "s3cret");
      let finish = () => {};
      const slow = new Promise<void>((resolve) => {
        finish = resolve;
      });
      const t = convexTest(schema, {
        ...modules,
        "./convex/slow.ts": async () => {
          await slow;
          return {};
        },
      });
      const missing = t
        .query(makeFunctionReference<"query">("slow:anything"), {})
        .catch((error: Error) => error);
      expect(await t.query(api.notes.secret)).toBe("s3cret");
      finish();
      expect(await missing).toBeInstanceOf(Error);
    });

    it("[TST7] may spy on the console from within its own code", async () => {
      await start().run(async () => {
        const error = vi.spyOn(console, "error").mockImplementation(() => {});
        console.error("heard", 1);
        expect(error).toHaveBeenCalledWith("heard", 1);
      });
    });

    it("[TST7] may stub randomness, time and fetch", async () => {
      vi.spyOn(Math, "random").mockReturnValue(0.25);
      vi.spyOn(Date, "now").mockReturnValue(1_700_000_000_000);
      vi.stubGlobal("fetch", async () => new Response(null, { status: 204 }));
      const t = start();
      expect(await t.mutation(api.notes.random)).toBe(0.25);
      expect(await t.query(api.notes.time)).toBe(1_700_000_000_000);
      expect(await t.action(api.actions.fetched, { url: "https://x.test" })).toBe(204);
      vi.unstubAllGlobals();
    });
  });

  describe("options", () => {
    it("[TST8] schema and modules may be given either way", async () => {
      for (const t of [convexTest(schema, modules), convexTest({ schema, modules })]) {
        await t.mutation(api.notes.add, note);
        expect(await t.query(api.notes.by, { author: "ada" })).toHaveLength(1);
      }
    });

    it("[TST8] without a schema nothing is checked, and there are no indexes", async () => {
      const t = convexTest({ modules });
      await t.run(async (ctx) => await ctx.db.insert("anything", { at: "all" }));
      await expect(t.query(api.notes.by, { author: "ada" })).rejects.toThrow(
        'Cannot use index "by_author" for table "notes" because it is not declared in the schema.',
      );
    });

    it("[TST8] limits are off, on, or given one by one", async () => {
      const addTwo = async (t: ReturnType<typeof start>) =>
        await t.run(async (ctx) => {
          for (let i = 0; i < 2; i++) await ctx.db.insert("notes", note);
        });
      await addTwo(convexTest({ schema, modules, transactionLimits: false }));
      await addTwo(convexTest({ schema, modules, transactionLimits: true }));
      const limited = convexTest({ schema, modules, transactionLimits: { documentsWritten: 1 } });
      await expect(addTwo(limited)).rejects.toThrow(
        "Wrote too many documents in a single function execution (limit: 1)",
      );
    });

    it("[TST8] the modules must hold a directory `_generated` or be one folder", async () => {
      const { _generated, ...named } = { _generated: 0, notes: modules["./convex/notes.ts"] };
      void _generated;
      const t = convexTest(schema, {
        "./_generated/api.ts": async () => ({}),
        "./notes.ts": named.notes!,
      });
      await t.mutation(api.notes.add, note);
    });
  });

  describe("components", () => {
    it("[TST10] are registered, and called from functions and from the test", async () => {
      const t = start();
      t.registerComponent("mailer", mailerSchema, mailerModules);
      const ada = t.withIdentity({ name: "Ada" });
      expect(await ada.action(api.actions.post, { to: "bob" })).toEqual(["bob"]);
      await t.mutation(components.mailer.post.send, { to: "eve" });
      expect(await t.query(components.mailer.post.sent, {})).toEqual(["bob", "eve"]);
    });

    it("[TST10] may be nested, and are missed by name", async () => {
      const t = start();
      await expect(t.query(components.mailer.post.sent, {})).rejects.toThrow(
        'Component "mailer" is not registered. Call "t.registerComponent".',
      );
      t.registerComponent("outer", mailerSchema, mailerModules);
      t.registerComponent("outer/mailer", mailerSchema, mailerModules);
      await t.mutation(components.outer.post.send, { to: "x" });
      expect(await t.query(components.outer.post.sent, {})).toEqual(["x"]);
    });
  });

  describe("documents", () => {
    it("[TST11] are paged through to the end", async () => {
      const t = start();
      for (const text of ["a", "b", "c"]) await t.mutation(api.notes.add, { ...note, text });
      const texts: string[] = [];
      let cursor: string | null = null;
      for (let isDone = false; !isDone; ) {
        const page: Awaited<ReturnType<typeof next>> = await next(cursor);
        texts.push(...page.page.map(({ text }) => text));
        ({ isDone, continueCursor: cursor } = page);
      }
      expect(texts).toEqual(["a", "b", "c"]);
      function next(from: string | null) {
        return t.query(api.notes.page, { paginationOpts: { numItems: 2, cursor: from } });
      }
    });

    it.runIf(
      onlyRight(target, "engine.md 10.5 row 55: a page that ends on the last document is not done"),
    )("[TST9] a page that ends on the last document does not know that it does", async () => {
      const t = start();
      await t.mutation(api.notes.add, note);
      const paginationOpts = { numItems: 1, cursor: null };
      expect(await t.query(api.notes.page, { paginationOpts })).toMatchObject({ isDone: false });
    });

    it("[TST11] are searched by text and by vector", async () => {
      const t = start();
      await t.mutation(api.notes.add, { ...note, text: "red apple" });
      await t.mutation(api.notes.add, { ...note, text: "green pear" });
      expect(await t.query(api.notes.search, { words: "apple" })).toMatchObject([
        { text: "red apple" },
      ]);
      const near = await t.run(async (ctx) => {
        await ctx.db.insert("points", { label: "up", vector: [0, 1] });
        return await ctx.db.insert("points", { label: "right", vector: [1, 0] });
      });
      expect(await t.action(api.actions.near, { vector: [0.9, 0.1] })).toMatchObject([
        { _id: near },
      ]);
    });

    it.runIf(hasBlobs)("[TST11] files are stored by actions", async () => {
      const stored = await start().action(api.actions.store, { text: "abc" });
      expect(stored.text).toBe("abc");
      expect(stored.url).toContain("/api/storage/");
    });
  });
}
