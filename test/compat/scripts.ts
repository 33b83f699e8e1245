// A working day in Harbor: the calls every target has to answer alike. One script for what the
// engine and the function runtime hold, and one per later area, each on top of the same morning.

import type { Identity, Saved, Step } from "./step";
import { action, drain, mutation, query } from "./step";

function person(subject: string): Identity {
  const issuer = "https://harbor.example";
  return { subject, issuer, tokenIdentifier: `${issuer}|${subject}`, name: subject };
}

const ada = person("ada");
const bob = person("bob");
const eve = person("eve");

const bytes = (...values: number[]) => new Uint8Array(values).buffer;
const page = (numItems: number, cursor: unknown = null) => ({ numItems, cursor });
const cursorOf = (value: unknown) => (value as { continueCursor: string }).continueCursor;
const inGeneral = (rest: Record<string, unknown>) => (saved: Saved) => ({
  channelId: saved.general,
  ...rest,
});

/** People, channels and a first conversation: what every script begins with. */
export const morning: readonly Step[] = [
  query("users:viewer"),
  query("users:viewer", {}, { as: ada }),
  query("users:me", {}),
  query("users:me", {}, { as: ada }),
  mutation("users:register", { name: "nobody" }),
  mutation(
    "users:register",
    { name: "Ada", role: "admin", email: "ada@harbor.example" },
    { as: ada, save: "ada" },
  ),
  mutation("users:register", { name: "Bob" }, { as: bob, save: "bob" }),
  mutation("users:register", { name: "Bob again" }, { as: bob }),
  mutation("users:register", { name: "Eve", role: "guest" }, { as: eve, save: "eve" }),
  query("users:me", {}, { as: ada }),
  mutation(
    "channels:create",
    { slug: "general", title: "General", topic: "all of it" },
    { as: ada, save: "general" },
  ),
  mutation("channels:create", { slug: "random", title: "Random" }, { as: bob, save: "random" }),
  mutation("channels:create", { slug: "general", title: "Again" }, { as: bob }),
  mutation("channels:join", inGeneral({}), { as: bob }),
  mutation("channels:join", inGeneral({}), { as: bob }),
  mutation("channels:join", inGeneral({}), { as: eve }),
  mutation("messages:send", inGeneral({ text: "good morning" }), { as: ada, save: "first" }),
  mutation("messages:send", inGeneral({ text: "morning, captain" }), { as: bob, save: "second" }),
  mutation("messages:send", inGeneral({ text: "hello harbor" }), { as: eve, save: "third" }),
];

const profiles: readonly Step[] = [
  query("users:listByRole", { role: "member" }),
  query("users:listByRole", { role: "admin", from: "B" }),
  query("users:listByRole", { role: "captain" }),
  query("users:listByRole", {}),
  query("users:listByRole", { role: "member", extra: 1 }),
  mutation(
    "users:updateSettings",
    { settings: { theme: "dark", quiet: { from: 22, to: 7 } }, avatar: bytes(1, 2, 255) },
    { as: bob },
  ),
  mutation("users:updateSettings", { settings: { theme: "blue" } }, { as: bob }),
  query("users:withTheme", { theme: "dark" }),
  query("users:avatarOf", (saved) => ({ userId: saved.bob })),
  query("users:avatarOf", (saved) => ({ userId: saved.ada })),
  query("users:avatarOf", (saved) => ({ userId: saved.general })),
  mutation("users:clearEmail", {}, { as: ada }),
  query("users:me", {}, { as: ada }),
  query("users:byId", (saved) => ({ userId: saved.eve })),
];

const channels: readonly Step[] = [
  query("channels:members", inGeneral({})),
  query("channels:ofUser", (saved) => ({ userId: saved.bob })),
  mutation("channels:rename", inGeneral({ title: "Town square", reason: "tidy" }), { as: ada }),
  mutation("channels:rename", inGeneral({ title: "Mine", reason: "mischief" }), { as: eve }),
  mutation("channels:rename", inGeneral({ title: "No reason" }), { as: ada }),
  query("channels:active"),
  mutation(
    "channels:archive",
    (saved) => ({ channelId: saved.random, archived: true, reason: "quiet" }),
    { as: ada },
  ),
  query("channels:active"),
  mutation(
    "channels:archive",
    (saved) => ({ channelId: saved.random, archived: false, reason: "loud" }),
    { as: ada },
  ),
  query("channels:active"),
  query("admin/audit:trail"),
];

const conversation: readonly Step[] = [
  mutation("messages:send", inGeneral({ text: "  " }), { as: ada }),
  mutation("messages:send", (saved) => ({ channelId: saved.ada, text: "wrong table" }), {
    as: ada,
  }),
  mutation(
    "messages:send",
    inGeneral({
      text: "with parts",
      attachments: [
        { type: "link", url: "https://x.example" },
        { type: "blob", bytes: bytes(7) },
      ],
    }),
    { as: bob },
  ),
  mutation(
    "messages:send",
    inGeneral({ text: "bad part", attachments: [{ type: "link", href: "x" }] }),
    { as: bob },
  ),
  mutation(
    "messages:send",
    (saved) => ({ channelId: saved.general, text: "re: morning", threadOf: saved.first }),
    { as: eve, save: "reply" },
  ),
  query("messages:thread", (saved) => ({ root: saved.first })),
  query("messages:latest", inGeneral({ limit: 3 })),
  query("messages:latest", inGeneral({ limit: -1 })),
  query("messages:matching", inGeneral({ word: "morning" })),
  mutation("messages:react", (saved) => ({ messageId: saved.first, emoji: "wave" }), { as: bob }),
  mutation("messages:react", (saved) => ({ messageId: saved.first, emoji: "wave" }), { as: eve }),
  mutation("messages:react", (saved) => ({ messageId: saved.first, emoji: "sun" }), { as: eve }),
  mutation("messages:react", (saved) => ({ messageId: saved.first, emoji: "wave" }), { as: bob }),
  mutation(
    "messages:edit",
    (saved) => ({ messageId: saved.second, text: "morning, all", at: 12.5 }),
    { as: bob },
  ),
  mutation("messages:edit", (saved) => ({ messageId: saved.second, text: "hijack", at: 13 }), {
    as: eve,
  }),
  query("messages:edited"),
  query("messages:count"),
  mutation("messages:remove", (saved) => ({ messageId: saved.third }), { as: eve }),
  mutation("messages:remove", (saved) => ({ messageId: saved.third }), { as: eve }),
  query("messages:count"),
  mutation("messages:edit", (saved) => ({ messageId: saved.third, text: "ghost", at: 1 }), {
    as: eve,
  }),
];

const pages: readonly Step[] = [
  query("messages:list", inGeneral({ paginationOpts: page(2) }), { save: "page1" }),
  query(
    "messages:list",
    (saved) => ({ channelId: saved.general, paginationOpts: page(1, cursorOf(saved.page1)) }),
    { save: "page2" },
  ),
  query("messages:list", (saved) => ({
    channelId: saved.general,
    paginationOpts: page(9, cursorOf(saved.page2)),
  })),
  query("messages:list", inGeneral({ paginationOpts: page(4) }), {
    save: "full",
    mock: { differs: "55, 59" },
  }),
  query("messages:list", inGeneral({ paginationOpts: page(0) }), { mock: { differs: "57" } }),
  query(
    "messages:list",
    (saved) => ({ channelId: saved.random, paginationOpts: page(1, cursorOf(saved.page1)) }),
    { mock: { differs: "56" } },
  ),
  query("messages:list", inGeneral({ paginationOpts: page(2, "nonsense") })),
  query("messages:list", inGeneral({ paginationOpts: { numItems: 2 } })),
];

const tasks: readonly Step[] = [
  mutation(
    "tasks:add",
    { draft: { title: "paint", priority: 2, checklist: [["a", "b"], []], estimate: 3n } },
    { save: "paint" },
  ),
  mutation("tasks:add", (saved) => ({
    draft: { title: "sail", priority: 1, dueAt: 50 },
    assignee: saved.bob,
  })),
  mutation("tasks:add", (saved) => ({
    draft: {
      title: "anchor",
      priority: 2,
      dueAt: 10,
      meta: { hot: true, deep: [null, { x: 1n }] },
    },
    assignee: saved.ada,
    label: saved.general,
  })),
  mutation("tasks:add", { draft: { title: "bail", priority: 2.5, meta: bytes(9, 9) } }),
  mutation("tasks:add", { draft: { title: "knots", priority: 3, checklist: ["flat"] } }),
  mutation("tasks:add", { draft: { title: "tar", priority: 3, estimate: 4 } }),
  query("tasks:board", { status: "todo" }),
  query("tasks:board", { status: "todo", order: "desc" }),
  query("tasks:board", { status: "todo", priority: 2 }),
  query("tasks:board", { status: "todo", priority: 2, dueBefore: 20 }),
  query("tasks:board", { status: "todo", priority: 2, dueBefore: 10 }),
  query("tasks:urgent", { above: 1 }),
  query("tasks:assigned", { userId: null }),
  query("tasks:assigned", (saved) => ({ userId: saved.ada })),
  mutation("tasks:move", (saved) => ({ taskId: saved.paint, status: "doing" })),
  mutation("tasks:move", (saved) => ({ taskId: saved.paint, status: "lost" })),
  mutation("tasks:replace", (saved) => ({
    taskId: saved.paint,
    draft: { title: "repaint", priority: -0 },
  })),
  query("tasks:board", { status: "doing" }),
  mutation("tasks:bulkFinish", { priority: 2 }),
  query("tasks:board", { status: "done" }),
];

const nesting: readonly Step[] = [
  mutation("messages:importBatch", {
    names: ["x", "y", "x"],
    failing: "z",
    data: { code: "boom", at: [1, "two", null] },
  }),
  mutation("messages:importBatch", { names: [], failing: "x", data: "just words" }),
  query("crew:counter", { name: "x" }),
  mutation("crew:bumpCounter", { name: "x", by: -10n }),
  mutation("crew:bumpCounter", { name: "x", by: 1 }),
  action("teams/onboarding:welcome", { slug: "eves", name: "Eve" }, { as: eve }),
  action("teams/onboarding:welcome", { slug: "eves", name: "Eve" }, { as: eve }),
  action("teams/onboarding:welcome", { slug: "anon", name: "Anon" }),
  action("teams/onboarding:recover", { name: "half" }),
  action("teams/onboarding:half", { name: "half" }),
  query("crew:counter", { name: "half" }),
];

const reports: readonly Step[] = [
  query("admin/reports/daily:default", {}),
  query("admin/reports/daily:default", { verbose: true }),
  mutation("admin/audit:note", {
    entry: { b: 1, a: [true, 2n, "x", null], nested: { z: { y: {} } } },
  }),
  mutation("admin/audit:note", {
    entry: { quoted: 'say "hi"\n', unicode: "\u00e9\ud83d\ude00\ufffd" },
  }),
  mutation("admin/audit:note", { entry: { _id: "mine" } }, { mock: { skipped: "23" } }),
  mutation("admin/audit:note", { entry: ["array"] }, { mock: { skipped: "24" } }),
  mutation("admin/audit:lies", {}, { mock: { skipped: "3" } }),
  query("admin/audit:trail"),
  query("admin/audit:missing"),
  query("nowhere:at/all"),
  query("users:register", { name: "wrong kind" }, { as: ada }),
  mutation("users:viewer"),
  action("users:viewer"),
];

/** Everything that needs no scheduler, no storage and no search. */
export const workday: readonly Step[] = [
  ...morning,
  ...profiles,
  ...channels,
  ...conversation,
  ...pages,
  ...tasks,
  ...nesting,
  ...reports,
];

export const reminders: readonly Step[] = [
  ...morning,
  mutation("reminders:set", { note: "tea", inMs: 1_000 }, { as: ada, save: "tea" }),
  mutation("reminders:set", { note: "tide", inMs: 60_000 }, { as: ada, save: "tide" }),
  query("reminders:mine", {}, { as: ada }),
  query("reminders:jobStates"),
  mutation("reminders:cancel", (saved) => ({ id: saved.tide }), { as: ada }),
  query("reminders:jobStates"),
  drain(2_000),
  query("reminders:mine", {}, { as: ada }),
  query("reminders:jobStates"),
  mutation("reminders:hesitate"),
  query("reminders:jobStates"),
  drain(120_000),
  query("reminders:mine", {}, { as: ada }),
];

export const storage: readonly Step[] = [
  ...morning,
  action("files:upload", { name: "log.txt", text: "all's well" }, { as: ada, save: "log" }),
  action("files:read", (saved) => ({ fileId: saved.log })),
  query("files:describe"),
  action("files:upload", { name: "nobody.txt", text: "x" }),
  query("files:describe"),
  mutation("files:drop", (saved) => ({ fileId: saved.log })),
  query("files:describe"),
];

/** Words chosen so that the mock's tokeniser and missing ranking make no difference. */
export const search: readonly Step[] = [
  ...morning,
  query("messages:search", { text: "harbor" }),
  query("messages:search", { text: "captain" }),
  query("messages:search", (saved) => ({ text: "hello", channelId: saved.random })),
  query("messages:search", { text: "absent" }),
];
