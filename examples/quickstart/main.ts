// A chat-and-tasks backend inside this process. Run it with `npm start` and read along: what the
// live queries print happens because a mutation committed, never because somebody asked again.

import { createBackend } from "invex";
import * as messages from "./convex/messages";
import schema from "./convex/schema";
import * as tasks from "./convex/tasks";
import { live, say, step } from "./print";

const backend = createBackend({ schema, modules: { messages, tasks } });
const { api } = backend;

step("Three live queries: a channel, the open tasks, Ada's score");
backend.subscribe(api.messages.list, { channel: "general" }, (list) =>
  live("chat ", list.map(({ author, body }) => `${author}: ${body}`).join("  |  ")),
);
backend.subscribe(api.tasks.open, {}, (list) =>
  live("tasks", list.map(({ title, points }) => `${title} (${points})`).join(", ")),
);
backend.subscribe(api.tasks.score, { person: "Ada" }, (points) => live("score", `Ada ${points}`));
await backend.settle();

step("Mutations commit, and only the queries they touch run again");
await backend.mutation(api.messages.send, { channel: "general", author: "Ada", body: "Morning!" });
await backend.mutation(api.messages.send, {
  channel: "random",
  author: "Bob",
  body: "Nobody hears",
});
const engine = await backend.mutation(api.tasks.add, { title: "Analytical Engine", points: 5 });
await backend.mutation(api.tasks.add, { title: "Tidy the cards", points: 2 });
await backend.settle();

step("One mutation changes three tables: each live query hears of it once");
await backend.mutation(api.tasks.finish, { id: engine, person: "Ada" });
await backend.settle();

step("A mutation that fails halfway leaves no trace: no message, no points");
await backend.mutation(api.tasks.finish, { id: engine, person: "Bob" }).catch((error) => {
  say(`refused: ${error.data}`);
});
say(`Bob has ${await backend.query(api.tasks.score, { person: "Bob" })} points`);

step("Five mutations race for one counter: every one of them lands");
await Promise.all(
  Array.from({ length: 5 }, () => backend.mutation(api.tasks.reward, { person: "Ada", points: 1 })),
);
await backend.settle();

step("A fork is an independent copy, made in microseconds");
const draft = backend.fork();
await draft.mutation(draft.api.tasks.reward, { person: "Ada", points: 1000 });
say(`in the fork Ada has ${await draft.query(draft.api.tasks.score, { person: "Ada" })} points`);
say(`here she still has ${await backend.query(api.tasks.score, { person: "Ada" })}`);

await draft.close();
await backend.close();
