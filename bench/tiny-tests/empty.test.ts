// A hundred tests of nothing: what vitest itself takes for the others' expectations.
import { expect, test } from "vitest";
import { timed } from "./clock";

timed();

test.each(Array.from({ length: 100 }, (_, i) => i))("test %i", async () => {
  await undefined;
  expect([1, 3]).toEqual([1, 3]);
  expect(true).toBe(true);
  expect([1, 2, 3, 4, 5]).toHaveLength(5);
});
