import { expect, test } from "vitest";
import { api } from "./convex/_generated/api";
import { ada, adas, grace, graces, seeded } from "./seeded";

test("a list hears of its own user's invoices, until it is left", async () => {
  const backend = seeded.fork();
  const [user, other] = [backend.withIdentity(ada), backend.withIdentity(grace)];
  const heard: string[][] = [];
  const stop = user.subscribe(api.invoices.list, {}, (list) => {
    heard.push(list.map(({ status }) => status));
  });
  await backend.settle();
  await other.mutation(api.invoices.pay, { id: graces });
  await backend.advance({ days: 14 });
  await user.mutation(api.invoices.pay, { id: adas });
  await backend.settle();
  stop();
  await user.mutation(api.invoices.remove, { id: adas });
  await backend.settle();
  expect(heard).toEqual([["open"], ["overdue"], ["paid"]]);
});
