// Uploads and downloads through `backend.fetch`.

import { afterEach, describe, expect, it, vi } from "vitest";
import { json } from "../http/http-lab";
import { createStorageLab, digestOf, watchBlobs } from "./storage-lab";

afterEach(() => {
  vi.restoreAllMocks();
});

const HOUR_MS = 3_600_000;

async function upload(lab: ReturnType<typeof createStorageLab>, body: BodyInit, headers = {}) {
  const url = await lab.call("uploadUrl");
  const [status, answer] = await json(lab.backend.fetch(url, { method: "POST", body, headers }));
  return { status, answer: answer as Record<string, string> };
}

/** A lab with one uploaded file. */
async function withFile(content: string, type = "text/plain") {
  const lab = createStorageLab();
  const { answer } = await upload(lab, content, { "Content-Type": type });
  const url = await lab.call("getUrl", { id: answer.storageId! });
  return { ...lab, id: answer.storageId!, url };
}

describe("uploads", () => {
  it("[STG14] a POST to the upload URL makes a file, each one another", async () => {
    const lab = createStorageLab();
    const url = await lab.call("uploadUrl");
    expect(url).toMatch(/^http:\/\/invex\.localhost\/api\/storage\/upload\?token=[\w-]+$/);
    const send = (body: string) =>
      json(lab.backend.fetch(url, { method: "POST", body, headers: { "Content-Type": "text/x" } }));
    const [first, second] = [await send("one"), await send("two")];
    expect(first).toEqual([200, { storageId: expect.any(String) }]);
    expect(first).not.toEqual(second);
    const { storageId: id } = first[1] as { storageId: string };
    expect(await lab.call("read", { id })).toEqual({ text: "one", type: "text/x" });
    const { status } = await lab.backend.fetch(await lab.call("uploadUrlInAction"), {
      method: "POST",
    });
    expect(status).toBe(200);
  });

  it("[STG15] an upload that no mutation comes for is a document all the same", async () => {
    const lab = createStorageLab();
    await upload(lab, "orphan");
    expect(await lab.call("list")).toMatchObject([{ size: 6 }]);
  });

  it("[STG16] an upload URL is good for one hour of the backend's clock", async () => {
    const lab = createStorageLab();
    const url = await lab.call("uploadUrl");
    const send = () => json(lab.backend.fetch(url, { method: "POST", body: "x" }));
    await lab.backend.advance(HOUR_MS);
    expect((await send())[0]).toBe(200);
    await lab.backend.advance(1);
    expect(await send()).toEqual([
      401,
      { code: "StorageTokenExpired", message: "Store File Authorization expired" },
    ]);
    expect(await lab.call("list")).toHaveLength(1);
  });

  it("[STG17] a token that this backend did not make is refused", async () => {
    const lab = createStorageLab();
    const url = new URL(await lab.call("uploadUrl"));
    const token = url.searchParams.get("token")!;
    const other = createStorageLab({ seed: "another" });
    const foreign = new URL(await other.call("uploadUrl")).searchParams.get("token")!;
    const altered = [...token].map(
      (_, i) => `${token.slice(0, i)}${token[i] === "A" ? "B" : "A"}${token.slice(i + 1)}`,
    );
    const refused = [
      "",
      "x",
      `${token}A`,
      token.slice(1),
      `${token}=`,
      foreign,
      "é".repeat(40),
      ...altered,
    ];
    for (const wrong of refused) {
      url.searchParams.set("token", wrong);
      const answer = await json(lab.backend.fetch(url, { method: "POST", body: "x" }));
      expect([wrong, ...answer]).toEqual([
        wrong,
        401,
        {
          code: "StorageTokenInvalid",
          message: "Couldn't decode the StoreFileAuthorization token",
        },
      ]);
    }
    expect(await lab.call("list")).toEqual([]);
  });

  it("[STG18] a digest is checked against what arrived", async () => {
    const kept = watchBlobs();
    const lab = createStorageLab();
    const [right, wrong] = [await digestOf("abc"), await digestOf("abd")];
    expect((await upload(lab, "abc", { Digest: `sha-256=${right}` })).status).toBe(200);
    expect((await upload(lab, "abc", { Digest: `md5=x, SHA-256=${right}` })).status).toBe(200);
    expect(await upload(lab, "abc", { Digest: `sha-256=${wrong}` })).toMatchObject({
      status: 400,
      answer: { message: `Sha256 mismatch. Expected: ${wrong} Actual: ${right}` },
    });
    expect((await upload(lab, "abc", { Digest: "sha-256=zzz" })).status).toBe(400);
    expect(kept.size).toBe(2);
    expect(await lab.call("list")).toHaveLength(2);
  });

  it("[STG19] an upload that breaks off leaves nothing", async () => {
    const kept = watchBlobs();
    const lab = createStorageLab();
    const url = await lab.call("uploadUrl");
    let pulls = 0;
    const body = new ReadableStream({
      pull(controller) {
        if (pulls++ < 3) controller.enqueue(new Uint8Array(100_000));
        else controller.error(new Error("connection lost"));
      },
    });
    const init: RequestInit & { duplex: "half" } = { method: "POST", body, duplex: "half" };
    const [status, answer] = await json(lab.backend.fetch(url, init));
    expect(status).toBe(400);
    expect(answer).toEqual({
      code: "UploadFailed",
      message: expect.stringContaining("connection lost"),
    });
    expect(kept.size).toBe(0);
    expect(await lab.call("list")).toEqual([]);
    expect((await upload(lab, "next")).status).toBe(200);
  });

  it("[STG20] pages of every origin may upload and download", async () => {
    const lab = await withFile("abc");
    const url = await lab.call("uploadUrl");
    const preflight = await lab.backend.fetch(url, { method: "OPTIONS" });
    expect(preflight.headers.get("access-control-allow-origin")).toBe("*");
    const response = await lab.backend.fetch(url, { method: "POST", body: "x" });
    expect(response.headers.get("access-control-allow-origin")).toBe("*");
    expect((await lab.backend.fetch(lab.url)).headers.get("access-control-allow-origin")).toBe("*");
    const wrongMethod = await lab.backend.fetch(url, { method: "PUT", body: "x" });
    expect([wrongMethod.status, wrongMethod.headers.get("allow")]).toEqual([405, "POST, OPTIONS"]);
  });
});

describe("downloads", () => {
  it("[STG21] the URL serves the bytes with type, length, digest and caching", async () => {
    const { backend, url } = await withFile("0123456789", "text/x; charset=utf-8");
    const expected = {
      "content-type": "text/x; charset=utf-8",
      "content-length": "10",
      digest: `sha-256=${await digestOf("0123456789")}`,
      "cache-control": "private, max-age=2592000",
      "accept-ranges": "bytes",
    };
    const response = await backend.fetch(url);
    expect(response.status).toBe(200);
    expect(Object.fromEntries(response.headers)).toMatchObject(expected);
    expect(await response.text()).toBe("0123456789");
    const head = await backend.fetch(url, { method: "HEAD" });
    expect(head.status).toBe(200);
    expect(Object.fromEntries(head.headers)).toMatchObject(expected);
    expect(head.body).toBeNull();
  });

  it("[STG21] a file without a type is served without one", async () => {
    const lab = createStorageLab();
    const url = await lab.call("getUrl", { id: await lab.call("store", { text: "x" }) });
    expect((await lab.backend.fetch(url)).headers.has("content-type")).toBe(false);
  });

  it.each([
    ["bytes=0-3", "0123", "bytes 0-3/10"],
    ["bytes=4-", "456789", "bytes 4-9/10"],
    ["bytes=-3", "789", "bytes 7-9/10"],
    ["bytes=-99", "0123456789", "bytes 0-9/10"],
    ["bytes=8-99", "89", "bytes 8-9/10"],
    ["Bytes = 2 - 2", "2", "bytes 2-2/10"],
  ])("[STG22] %s is answered with that part", async (range, text, contentRange) => {
    const { backend, url } = await withFile("0123456789");
    const response = await backend.fetch(url, { headers: { Range: range } });
    expect(response.status).toBe(206);
    expect(response.headers.get("content-range")).toBe(contentRange);
    expect(response.headers.get("content-length")).toBe(String(text.length));
    expect(response.headers.has("digest")).toBe(false);
    expect(await response.text()).toBe(text);
  });

  it("[STG23] several ranges, and those outside, are a 416; nonsense is no range", async () => {
    const { backend, url } = await withFile("0123456789");
    for (const range of ["bytes=0-1,3-4", "bytes=10-", "bytes=99-100", "bytes=-0"]) {
      const response = await backend.fetch(url, { headers: { Range: range } });
      expect([range, response.status]).toEqual([range, 416]);
      expect(response.headers.get("content-range")).toBe("bytes */10");
    }
    for (const range of ["bytes=5-2", "bytes=a-b", "lines=1-2", "bytes", "bytes=-"]) {
      const response = await backend.fetch(url, { headers: { Range: range } });
      expect([range, response.status]).toEqual([range, 200]);
    }
    const empty = await withFile("");
    const response = await empty.backend.fetch(empty.url, { headers: { Range: "bytes=0-" } });
    expect(response.status).toBe(416);
  });

  it("[STG24] what is no file's URL is refused in Convex's words", async () => {
    const { backend, call, id, url } = await withFile("abc");
    const at = (path: string) => json(backend.fetch(path));
    const uuid = "00000000-0000-4000-8000-000000000000";
    expect(await at(`/api/storage/${uuid}`)).toEqual([
      404,
      { code: "FileNotFound", message: `File ${uuid} not found` },
    ]);
    for (const path of [id, "x", "", `${uuid}/x`, "..%2F..%2Fetc%2Fpasswd"]) {
      const answer = await at(`/api/storage/${path}`);
      expect(answer).toEqual([
        400,
        { code: "InvalidStoragePath", message: `Invalid storage path: "${path}"` },
      ]);
    }
    await call("remove", { id });
    expect((await at(url))[0]).toBe(404);
  });

  it("[STG25] a download that has begun when the file goes still ends, one way or the other", async () => {
    const { backend, call, id, url } = await withFile("x".repeat(300_000));
    const response = await backend.fetch(url);
    await call("remove", { id });
    expect((await response.text()).length).toBe(300_000);
  });

  it("[STG26] changing what was downloaded changes no file", async () => {
    const { backend, url } = await withFile("abc");
    const reader = (await backend.fetch(url)).body!.getReader();
    const { value } = await reader.read();
    value!.fill(0);
    expect(await (await backend.fetch(url)).text()).toBe("abc");
  });
});
