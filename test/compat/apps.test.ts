// The realistic app on three targets: as written against `convex`, as its twin written against
// `invex/server`, and on convex-test wherever the mock is right about Convex.

import { describe, expect, it } from "vitest";
import { invexOnApp, invexOnBoth, invexOnTwin } from "./invex-targets";
import { mockOnApp } from "./mock-target";
import { runScript } from "./run-script";
import { morning, reminders, search, storage, workday } from "./scripts";
import type { CallStep, Entry, Step } from "./step";
import { comparable, withoutErrorTexts } from "./transcript";

const SCRIPTS: Readonly<Record<string, readonly Step[]>> = { workday, reminders, storage, search };

function isSkippedByMock(step: CallStep): boolean {
  return typeof step.mock === "object" && "skipped" in step.mock;
}

function isShared({ step }: Entry): boolean {
  return step.mock === undefined || step.mock === "same";
}

describe.each(Object.entries(SCRIPTS))("%s", (_name, script) => {
  it("[CMP1] both fixture apps answer alike, call for call", async () => {
    const app = comparable(await runScript(invexOnApp(), script), "invex");
    const twin = comparable(await runScript(invexOnTwin(), script), "invex");
    expect(app.length).toBeGreaterThanOrEqual(morning.length);
    expect(twin).toEqual(app);
  });

  it("[CMP2] convex-test answers alike wherever it is right", async () => {
    const skip = isSkippedByMock;
    const ours = await runScript(invexOnApp(), script, { skip });
    const mocks = await runScript(mockOnApp(), script, { skip });
    const ourEntries = comparable(ours, "invex").filter((_, index) => isShared(ours[index]!));
    const mockEntries = comparable(mocks, "mock").filter((_, index) => isShared(mocks[index]!));
    expect(withoutErrorTexts(ourEntries)).toEqual(withoutErrorTexts(mockEntries));
  });
});

it("[CMP1] the scripts exercise at least forty distinct functions", () => {
  const paths = Object.values(SCRIPTS).flatMap((script) =>
    script.flatMap((step) => (step.kind === "drain" ? [] : [step.path])),
  );
  expect(new Set(paths).size).toBeGreaterThanOrEqual(40);
});

it("[CMP3] running the app twice with one seed and one clock gives the same bytes", async () => {
  const once = await runScript(invexOnApp(), workday);
  const again = await runScript(invexOnApp(), workday);
  expect(again.map((entry) => entry.outcome)).toEqual(once.map((entry) => entry.outcome));
});

it("[CMP6] modules of both fronts in one backend answer as those of one", async () => {
  const mixed = comparable(await runScript(invexOnBoth(), workday), "invex");
  expect(mixed).toEqual(comparable(await runScript(invexOnTwin(), workday), "invex"));
});

it("[CMP4] what the app answers is what its author expects", async () => {
  const entries = comparable(await runScript(invexOnApp(), workday), "invex");
  const outcomes = (call: string) =>
    entries.filter((entry) => entry.call === call).map((entry) => entry.outcome);

  expect(outcomes("query users:me").slice(0, 2)).toEqual([
    { convexError: { code: "UNAUTHENTICATED" } },
    { convexError: { code: "NO_PROFILE", who: "ada" } },
  ]);
  expect(outcomes("mutation messages:importBatch")[0]).toEqual({
    value: {
      values: ["2n", "2n", "4n"],
      caught: { code: "boom", at: [1, "two", null] },
      failingValue: "0n",
    },
  });
  expect(outcomes("mutation messages:react").at(-1)).toEqual({ value: { sun: 1, wave: 1 } });
  expect(outcomes("mutation messages:send")[3]).toEqual({
    convexError: { code: "EMPTY", limits: ["1n", "4096n"] },
  });
  expect(outcomes("action teams/onboarding:recover")).toEqual([
    { value: { data: { code: "HALF_DONE", name: "half" }, value: "1n" } },
  ]);
  expect(outcomes("query admin/reports/daily:default")[1]).toEqual({
    value: {
      messages: "5n",
      channels: 3,
      events: ["join", "join", "rename"],
      detail: { join: 2, rename: 1 },
    },
  });
  expect(outcomes("query tasks:board")[3]).toEqual({
    value: [
      { title: "paint", priority: 2, dueAt: null, estimate: "3n" },
      { title: "anchor", priority: 2, dueAt: 10, estimate: "1n" },
    ],
  });
});
