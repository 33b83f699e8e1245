/// <reference types="vite/client" />
// The same app under `convexTest`, as suites written for convex-test have it. There components are
// registered by hand, as with the mock.

import { convexTest } from "invex/testing";
import { expect, test } from "vitest";
import { api } from "./convex/_generated/api";
import auditSchema from "./convex/audit/schema";
import schema from "./convex/schema";
import { ada, modules } from "./seeded";

const auditModules = import.meta.glob("./convex/audit/*.ts");

test("an invoice has a history", async () => {
  const t = convexTest(schema, modules);
  t.registerComponent("audit", auditSchema, auditModules);
  const user = t.withIdentity(ada);
  const id = await user.mutation(api.invoices.create, {
    customer: "Acme",
    cents: 100,
    dueInDays: 1,
  });
  await t.advance({ days: 2 });
  expect(await user.query(api.invoices.history, { id })).toEqual(["created", "overdue"]);
});
