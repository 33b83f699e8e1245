// `ctx.storage` and the `_storage` table, from inside functions.

import { afterEach, describe, expect, it, vi } from "vitest";
import { mutation, refs } from "../fixtures/lab";
import { post } from "../http/http-lab";
import { createStorageLab, digestOf, functions, watchBlobs } from "./storage-lab";

afterEach(() => {
  vi.restoreAllMocks();
});

describe("storing and reading", () => {
  it("[STG1] an action's file comes back as it was", async () => {
    const { call } = createStorageLab();
    const id = await call("store", { text: "héllo", type: "text/plain" });
    expect(await call("read", { id })).toEqual({ text: "héllo", type: "text/plain" });
    const bare = await call("store", { text: "" });
    expect(await call("read", { id: bare })).toEqual({ text: "", type: "" });
  });

  it("[STG2] the document tells size, digest in base64 and type, and nothing else", async () => {
    const { call } = createStorageLab();
    const id = await call("store", { text: "abc", type: "text/x" });
    const bare = await call("store", { text: "abc" });
    const sha256 = await digestOf("abc");
    const common = { _creationTime: expect.any(Number), sha256, size: 3 };
    const documents = [
      { _id: id, ...common, contentType: "text/x" },
      { _id: bare, ...common },
    ];
    expect(await call("get", { id })).toEqual(documents[0]);
    expect(await call("list")).toEqual(documents);
  });

  it("[STG3] metadata holds the UUID of the URL and the digest in hexadecimal", async () => {
    const { backend, call } = createStorageLab();
    const id = await call("store", { text: "abc", type: "text/x" });
    const url = await call("getUrl", { id });
    const storageId = new URL(url).pathname.split("/").at(-1);
    expect(url).toBe(`${backend.url}/api/storage/${storageId}`);
    expect(storageId).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    expect(await call("getMetadata", { id })).toEqual({
      storageId,
      sha256: Buffer.from(await digestOf("abc"), "base64").toString("hex"),
      size: 3,
      contentType: "text/x",
    });
    const bare = await call("store", { text: "" });
    expect(await call("getMetadata", { id: bare })).toMatchObject({ size: 0, contentType: null });
  });

  it("[STG4] the UUID names a file everywhere the id does", async () => {
    const { call } = createStorageLab();
    const id = await call("store", { text: "abc" });
    const url = await call("getUrl", { id });
    const uuid = url.slice(-36);
    expect(await call("getUrl", { id: uuid })).toBe(url);
    expect(await call("read", { id: uuid.toUpperCase() })).toMatchObject({ text: "abc" });
    await call("remove", { id: uuid });
    expect(await call("getUrl", { id })).toBeNull();
  });

  it("[STG5] what is gone is null, and deleting it again says so", async () => {
    const { call } = createStorageLab();
    const id = await call("store", { text: "abc" });
    await call("removeInAction", { id });
    const uuid = "00000000-0000-4000-8000-000000000000";
    for (const gone of [id, uuid]) {
      expect(await call("getUrl", { id: gone })).toBeNull();
      expect(await call("getMetadata", { id: gone })).toBeNull();
      expect(await call("read", { id: gone })).toBeNull();
      await expect(call("remove", { id: gone })).rejects.toThrow(`storage id ${gone} not found`);
    }
  });

  it("[STG6] what is no id of a file is refused in Convex's words", async () => {
    const { backend, call } = createStorageLab();
    await expect(call("getUrl", { id: "nope" })).rejects.toThrow(
      `Invalid storage ID: "nope". Storage ID should be an Id of '_storage' table, or a UUID string.`,
    );
    const other = await backend.run((ctx) => ctx.db.insert("things", {}));
    await expect(call("read", { id: other })).rejects.toThrow(
      "Invalid storage ID. Storage ID cannot be an ID on any table other than '_storage'.",
    );
    await expect(call("getUrl")).rejects.toThrow("Must provide arg 1 `storageId` to `getUrl`");
  });

  it("[STG7] store takes blobs only, and refuses a digest that is not theirs", async () => {
    const kept = watchBlobs();
    const { call } = createStorageLab();
    await expect(call("storeAnything")).rejects.toThrow(
      "store() expects a Blob. If you are trying to store a Request, `await request.blob()` will give you the correct input.",
    );
    const sha256 = await digestOf("abc");
    expect(await call("store", { text: "abc", sha256 })).toEqual(expect.any(String));
    const wrong = await digestOf("abd");
    await expect(call("store", { text: "abc", sha256: wrong })).rejects.toThrow(
      `Sha256 mismatch. Expected: ${wrong} Actual: ${sha256}`,
    );
    expect(kept.size).toBe(1);
    expect(await call("list")).toHaveLength(1);
  });
});

describe("transactions", () => {
  it("[STG8] a delete counts when its mutation commits, and not otherwise", async () => {
    const kept = watchBlobs();
    const { backend, call } = createStorageLab();
    const id = await call("store", { text: "abc" });
    const url = await call("getUrl", { id });
    await expect(call("removeAndFail", { id })).rejects.toThrow("after the delete");
    expect(await (await backend.fetch(url)).text()).toBe("abc");
    await call("remove", { id });
    expect((await backend.fetch(url)).status).toBe(404);
    expect(kept.size).toBe(0);
  });

  it("[STG9] a mutation's file exists if it commits; otherwise nothing of it stays", async () => {
    const kept = watchBlobs();
    const { call } = createStorageLab();
    const id = await call("storeInMutation", { text: "abc", type: "text/x" });
    expect(await call("readInMutation", { id })).toBe("abc");
    expect(kept.size).toBe(1);
    await expect(call("storeAndFail", { text: "x" })).rejects.toThrow("after the store");
    await call("storeAndRemove", { text: "x" });
    expect(kept.size).toBe(1);
    expect(await call("list")).toHaveLength(1);
  });

  it("[STG9] a nested mutation that fails takes its file along", async () => {
    const kept = watchBlobs();
    const { backend, call } = createStorageLab({
      functions: {
        parent: mutation(async (ctx) => {
          await ctx.runMutation(refs.mutation("storeAndFail"), { text: "x" }).catch(() => null);
          await ctx.storage.store(new Blob(["mine"]));
        }),
      },
    });
    await backend.mutation("m:parent");
    expect(await call("list")).toMatchObject([{ size: 4 }]);
    expect(kept.size).toBe(1);
  });

  it("[STG9] a mutation that runs again keeps one file", async () => {
    const kept = watchBlobs();
    let runs = 0;
    const { backend, call } = createStorageLab({
      functions: {
        contended: mutation(async (ctx) => {
          const before = await ctx.db.query("things").collect();
          await ctx.storage.store(new Blob(["x"]));
          runs += 1;
          if (runs === 1) await outside();
          await ctx.db.insert("things", { n: before.length });
        }),
      },
    });
    const outside = () => backend.run((ctx) => ctx.db.insert("things", { n: -1 }));
    await backend.mutation("m:contended");
    expect(runs).toBe(2);
    expect(await call("list")).toHaveLength(1);
    expect(kept.size).toBe(1);
  });

  it("[STG10] a store that nobody awaited is part of the mutation", async () => {
    const { backend, call } = createStorageLab({
      functions: {
        careless: mutation(async (ctx) => {
          void ctx.storage.store(new Blob(["x"]));
        }),
      },
    });
    await backend.mutation("m:careless");
    expect(await call("list")).toHaveLength(1);
  });

  it("[STG11] files are documents: subscriptions hear of them, and of their end", async () => {
    const { backend, call } = createStorageLab();
    const sizes: number[][] = [];
    const urls: unknown[] = [];
    const stop = backend.subscribe("m:list", {}, (files) =>
      sizes.push((files as { size: number }[]).map(({ size }) => size)),
    );
    await backend.settle();
    const id = await call("store", { text: "abc" });
    const stopUrl = backend.subscribe("m:getUrl", { id }, (url) => urls.push(url));
    await backend.settle();
    await call("remove", { id });
    await backend.settle();
    stop();
    stopUrl();
    expect(sizes).toEqual([[], [3], []]);
    expect(urls).toEqual([expect.stringContaining("/api/storage/"), null]);
  });

  it("[STG12] a fork has the same files under the same URLs, and goes its own way", async () => {
    const { backend, call } = createStorageLab();
    const id = await call("store", { text: "abc" });
    const url = await call("getUrl", { id });
    const fork = backend.fork();
    await call("remove", { id });
    expect((await backend.fetch(url)).status).toBe(404);
    expect(await (await fork.fetch(url)).text()).toBe("abc");
    const later = (await fork.action("m:store", { text: "later" })) as string;
    await expect(call("getUrl", { id: later })).resolves.toBeNull();
  });

  it("[STG13] a component's files are its own, under URLs that name it", async () => {
    const { backend, call } = createStorageLab({
      adminKey: "key",
      components: { shop: { modules: { m: functions } } },
    });
    const inShop = async (path: string, args: Record<string, unknown> = {}) => {
      const body = { componentPath: "shop", path: `m:${path}`, args };
      const headers = { Authorization: "Convex key" };
      const answer = await (await post(backend, "/api/function", body, headers)).json();
      return (answer as { value: string }).value;
    };
    const upload = await backend.fetch(await inShop("uploadUrl"), {
      method: "POST",
      body: "theirs",
    });
    const { storageId } = (await upload.json()) as { storageId: string };
    expect(await call("list")).toEqual([]);
    expect(await inShop("list")).toMatchObject([{ _id: storageId, size: 6 }]);
    const url = await inShop("getUrl", { id: storageId });
    expect(new URL(url).searchParams.get("component")).toBe("shop");
    expect(await (await backend.fetch(url)).text()).toBe("theirs");
    for (const component of ["", "other"]) {
      const elsewhere = new URL(url);
      elsewhere.searchParams.set("component", component);
      expect((await backend.fetch(elsewhere)).status).toBe(404);
    }
    expect(await call("getUrl", { id: storageId })).toBeNull();
  });
});
