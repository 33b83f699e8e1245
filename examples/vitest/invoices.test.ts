import { describe, expect, test } from "vitest";
import { api, components } from "./convex/_generated/api";
import { ada, adas, grace, graces, seeded } from "./seeded";

describe("invoices", () => {
  test("are created, listed, changed and removed", async () => {
    const user = seeded.fork().withIdentity(ada);
    const draft = { customer: "Initech", cents: 700, dueInDays: 7 };
    const id = await user.mutation(api.invoices.create, draft);
    await user.mutation(api.invoices.rename, { id: adas, customer: "Acme Inc." });
    expect(await user.query(api.invoices.list)).toMatchObject([
      { _id: adas, customer: "Acme Inc.", cents: 12_000, status: "open" },
      { _id: id, customer: "Initech", cents: 700, status: "open" },
    ]);
    await user.mutation(api.invoices.remove, { id });
    expect(await user.query(api.invoices.list)).toHaveLength(1);
  });

  test("that make no sense leave nothing behind", async () => {
    const user = seeded.fork().withIdentity(ada);
    const free = user.mutation(api.invoices.create, { customer: "Acme", cents: 0, dueInDays: 7 });
    await expect(free).rejects.toMatchObject({ data: { code: "BAD_AMOUNT", cents: 0 } });
    // @ts-expect-error: the types say so too
    const wrong = user.mutation(api.invoices.create, {
      customer: "Acme",
      cents: "12",
      dueInDays: 7,
    });
    await expect(wrong).rejects.toThrow("ArgumentValidationError");
    expect(await user.query(api.invoices.list)).toHaveLength(1);
  });

  test("of one fork are not in another", async () => {
    const [one, other] = [seeded.fork(), seeded.fork()];
    await one.withIdentity(ada).mutation(api.invoices.remove, { id: adas });
    expect(await one.withIdentity(ada).query(api.invoices.list)).toEqual([]);
    expect(await other.withIdentity(ada).query(api.invoices.list)).toHaveLength(1);
  });
});

describe("who is not signed in", () => {
  test("sees nothing", async () => {
    const anonymous = seeded.fork();
    const list = anonymous.query(api.invoices.list);
    await expect(list).rejects.toMatchObject({ data: { code: "UNAUTHENTICATED" } });
  });
});

describe("a user", () => {
  test("sees own invoices only", async () => {
    const user = seeded.fork().withIdentity(grace);
    const customers = (await user.query(api.invoices.list)).map(({ customer }) => customer);
    expect(customers).toEqual(["Globex"]);
  });

  test("cannot touch those of others", async () => {
    const backend = seeded.fork();
    const theft = backend.withIdentity(ada).mutation(api.invoices.remove, { id: graces });
    await expect(theft).rejects.toMatchObject({ data: { code: "NOT_FOUND", id: graces } });
    expect(await backend.run((ctx) => ctx.db.get(graces))).toMatchObject({ customer: "Globex" });
  });
});

describe("the audit component", () => {
  test("tells what happened, in order", async () => {
    const backend = seeded.fork();
    const user = backend.withIdentity(ada);
    await backend.advance({ days: 14 });
    await user.mutation(api.invoices.pay, { id: adas });
    const history = await user.query(api.invoices.history, { id: adas });
    expect(history).toEqual(["created", "overdue", "paid"]);
  });

  test("forgets what the caller's transaction takes back", async () => {
    const backend = seeded.fork();
    const failing = backend.run(async (ctx) => {
      await ctx.runMutation(components.audit.trail.record, { subject: adas, what: "shredded" });
      throw new Error("Changed my mind");
    });
    await expect(failing).rejects.toThrow("Changed my mind");
    const history = await backend.withIdentity(ada).query(api.invoices.history, { id: adas });
    expect(history).toEqual(["created"]);
  });
});
