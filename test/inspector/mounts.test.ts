// What a Durable Object mounts beside its backend.

import type { Backend } from "invex";
import { describe, expect, it } from "vitest";
import { MountedHandlers } from "../../src/durable-object/mounted-handlers";

describe("mounts", () => {
  it("[DUR23] answer below their paths, made by the first request", async () => {
    const made: Backend[] = [];
    const mounted = new MountedHandlers({
      "/a": (backend) => {
        made.push(backend);
        return async (request) => new Response(new URL(request.url).pathname);
      },
    });
    const backend = {} as Backend;
    const answer = (path: string) => mounted.answer(backend, new Request(`http://x${path}`));
    expect(answer("/ab")).toBeUndefined();
    expect(answer("/")).toBeUndefined();
    expect(made).toEqual([]);
    expect(await (await answer("/a"))?.text()).toBe("/a");
    expect(await (await answer("/a/b?c"))?.text()).toBe("/a/b");
    expect(made).toEqual([backend]);
    expect(new MountedHandlers().answer(backend, new Request("http://x/a"))).toBeUndefined();
  });

  it.each(["a", "", "/", "/a/", "//a", "/a?b"])(
    "[DUR23] whose path is none are refused: %s",
    (path) => {
      const mount = () => async () => new Response();
      expect(() => new MountedHandlers({ [path]: mount })).toThrow(/option `mounts`/);
    },
  );
});
