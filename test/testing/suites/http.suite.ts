/** `t.fetch`. */
import { describe, expect, it } from "vitest";
import { api } from "../app/convex/_generated/api";
import schema from "../app/convex/schema";
import { modules } from "../app/modules";
import type { Target } from "./target";

export function httpSuite({ convexTest }: Target): void {
  const start = () => convexTest(schema, modules);

  describe("t.fetch", () => {
    it("[TST12] calls the action of a path and method, with query, body and headers", async () => {
      const t = start();
      const body = JSON.stringify({ text: "by post" });
      const response = await t.fetch("/notes?author=zoe#there", { method: "POST", body });
      expect(response.status).toBe(201);
      expect(response.headers.get("X-Author")).toBe("zoe");
      const { id } = (await response.json()) as { id: string };
      expect(await t.query(api.notes.by, { author: "zoe" })).toMatchObject([{ _id: id }]);
    });

    it("[TST12] matches prefixes; identity and metadata are the accessor's, headers the action's", async () => {
      const t = start().withIdentity({ name: "Ada" }).withRequestMetadata({ ip: "10.0.0.9" });
      const headers = { Authorization: "Bearer some-api-key" };
      expect(await (await t.fetch("/who/am/i", { headers })).json()).toEqual({
        name: "Ada",
        path: "/who/am/i",
        key: "Bearer some-api-key",
        ip: "10.0.0.9",
      });
      const anonymous = await (await start().fetch("/who/", { headers })).json();
      expect(anonymous).toMatchObject({ name: null, key: "Bearer some-api-key", ip: null });
    });

    it("[TST12] answers 404 where nothing is routed", async () => {
      const response = await start().fetch("/nowhere?x=1");
      expect(response.status).toBe(404);
      expect(await response.text()).toBe("No HttpAction routed for /nowhere");
      expect((await start().fetch("/notes")).status).toBe(404);
    });

    it("[TST12] throws what the action threw, and refuses what is no path", async () => {
      await expect(start().fetch("/broken")).rejects.toThrow(/^a broken route$/);
      await expect(start().fetch("notes")).rejects.toThrow("must start with a `/`");
    });
  });
}
