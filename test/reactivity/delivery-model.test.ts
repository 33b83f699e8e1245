// Random scripts of commits, subscriptions, one-shot queries and pauses. Every version of the store
// is kept, so whatever is delivered can be compared with what the query answers at its timestamp.

import { describe, expect, it } from "vitest";
import type { Document } from "../../src/db/document";
import type { Snapshot } from "../../src/db/live-snapshots";
import type { QueryRequest, QueryResult } from "../../src/reactivity/ports";
import type { SubscriberGroup, Transition } from "../../src/reactivity/subscriber-group";
import type { Subscription } from "../../src/reactivity/subscription";
import { must } from "../../src/shared/assert";
import type { Value } from "../../src/values/value";
import { Choices, forEachSeed, seeds } from "../model/seeds";
import {
  type Asked,
  ask,
  collect,
  indexOf,
  openReactiveStore,
  prefixOf,
  type Query,
  type ReactiveStore,
} from "./reactive-store";

const letters = ["x", "y", "z"];
const numbers = (items: readonly Value[]) => items.map((item) => (item as { a: number }).a);

function above(asked: Asked): Value[] {
  const lower = prefixOf(asked.args["a"]);
  return collect(asked, indexOf(asked, "by_a"), { range: { lower, upper: "\xff" }, limit: 2 });
}

const queries: Record<string, Query> = {
  withB: (asked) => collect(asked, indexOf(asked, "by_b_a"), { prefix: prefixOf(asked.args["b"]) }),
  above,
  exists: ({ tx, items, args }) => tx.get(items, args["id"] as string) !== undefined,
  parity: (asked) => collect(asked, indexOf(asked, "by_creation_time")).length % 2,
  picky: (asked) => {
    const items = above(asked);
    asked.log(`${items.length}`);
    if (items.length === 2) throw new Error(`two: ${numbers(items)}`);
    return items;
  },
  // Asks who calls now and then, and depends on it or not.
  who: (asked) => {
    const [first = -1] = numbers(above(asked));
    if (first % 3 === 0) return "anybody";
    return first % 3 === 1 ? asked.whoAsks() : `${asked.whoAsks().length > 0}`;
  },
  // The first two, and from then on all up to the second of them.
  page: (asked) => {
    const index = indexOf(asked, "by_a");
    const through = asked.journal;
    const where =
      through === undefined ? { limit: 2 } : { range: { lower: "", upper: `${through}\xff` } };
    const items = collect(asked, index, where);
    asked.endPageAt(through ?? (items.length < 2 ? "" : index.keyOf(items[1] as Document)));
    return numbers(items);
  },
};

/** Lets other things happen while a query runs. */
function paced(query: Query, choices: Choices): Query {
  return async (asked) => {
    const turns = choices.below(6);
    for (let i = 0; i < turns; i++) await undefined;
    const value = await query(asked);
    if (choices.chance(0.1)) await new Promise((resolve) => setImmediate(resolve));
    return value;
  };
}

interface Member {
  readonly subscription: Subscription;
  readonly request: QueryRequest;
}

/** A transition, and what each subscription of the group had been told up to then. */
interface Told {
  readonly transition: Transition;
  readonly known: ReadonlyMap<Member, QueryResult>;
  /** From where each goes on afterwards. */
  readonly journals: ReadonlyMap<Member, string | undefined>;
}

class Session {
  readonly group: SubscriberGroup;
  readonly members: Member[] = [];
  readonly told: Told[] = [];
  #known = new Map<Member, QueryResult>();
  #journals = new Map<Member, string | undefined>();

  constructor(store: ReactiveStore) {
    this.group = store.reactivity.group({ onTransition: (transition) => this.#hear(transition) });
  }

  add(request: QueryRequest): void {
    this.members.push({ subscription: this.group.add(request), request });
  }

  remove(member: Member): void {
    this.members.splice(this.members.indexOf(member), 1);
    this.#known.delete(member);
    this.group.remove(member.subscription);
  }

  #hear(transition: Transition): void {
    for (const { subscription, result, journal } of transition.updates) {
      const member = must(this.members.find((other) => other.subscription === subscription));
      const before = this.#known.get(member);
      // Nothing is told twice.
      expect(result).not.toEqual(before);
      this.#known.set(member, result);
      this.#journals.set(member, journal);
    }
    const journals = new Map(this.#journals);
    this.told.push({ transition, known: new Map(this.#known), journals });
  }
}

class World {
  readonly store: ReactiveStore;
  readonly sessions: Session[];
  readonly versions = new Map<number, Snapshot>();
  readonly #ids: string[] = ["none"];
  readonly #choices: Choices;

  constructor(seed: string, choices: Choices) {
    this.#choices = choices;
    const pace = new Choices(`${seed}-pace`);
    const paces = Object.entries(queries).map(([path, query]) => [path, paced(query, pace)]);
    this.store = openReactiveStore(seed, Object.fromEntries(paces));
    this.sessions = [1, 2, 3].map(() => new Session(this.store));
    this.#keepVersion();
    this.store.database.onCommit(() => this.#keepVersion());
  }

  #keepVersion(): void {
    const snapshot = this.store.database.current();
    this.versions.set(snapshot.ts.seq, snapshot);
  }

  commit(): void {
    const choices = this.#choices;
    const { items } = this.store;
    this.store.commit((tx) => {
      const writes = 1 + choices.below(3);
      for (let i = 0; i < writes; i++) {
        const fields = { a: choices.below(7), b: choices.pick(letters) };
        const id = choices.pick(this.#ids);
        const kind = id === "none" ? 0 : choices.below(4);
        if (kind === 0) this.#ids.push(tx.insert(items, fields));
        else if (kind === 1) tx.patch(items, id, { a: fields.a });
        else if (kind === 2) tx.replace(items, id, fields);
        else {
          tx.remove(items, id);
          this.#ids.splice(this.#ids.indexOf(id), 1);
        }
      }
    });
  }

  request(): QueryRequest {
    const choices = this.#choices;
    const path = choices.pick(Object.keys(queries));
    const args: Record<string, Value> = {};
    if (path === "withB") args["b"] = choices.pick(letters);
    if (path === "exists") args["id"] = choices.pick(this.#ids);
    if (["above", "picky", "who"].includes(path)) args["a"] = choices.below(4);
    return ask(path, args, choices.pick([undefined, "ada", "bob"]));
  }

  /** What `request` answers at a version of the store, told independently of caches and sharing. */
  async expected(request: QueryRequest, seq: number): Promise<QueryResult> {
    const { outcome } = await this.store.runAlone(request, must(this.versions.get(seq)));
    return outcome;
  }
}

async function checkSession(world: World, session: Session): Promise<void> {
  let lastSeq = 0;
  const journals = new Map<Member, string | undefined>();
  for (const { transition, known, journals: after } of session.told) {
    const { seq } = transition.ts;
    expect(seq).toBeGreaterThanOrEqual(lastSeq);
    lastSeq = seq;
    // Not only what is told: all that the group knows holds at this timestamp.
    for (const [member, result] of known) {
      const journal = journals.get(member) ?? member.request.journal;
      const expected = await world.expected({ ...member.request, journal }, seq);
      expect(result, `${member.request.path} at ${seq}`).toEqual(expected);
    }
    for (const [member, journal] of after) journals.set(member, journal);
  }
}

async function checkOneShot(world: World): Promise<void> {
  const request = world.request();
  const { seq } = world.store.database.latest;
  const { result, ts } = await world.store.reactivity.query(request);
  expect(ts.seq).toBe(seq);
  expect(result).toEqual(await world.expected(request, seq));
}

async function play(world: World, choices: Choices): Promise<void> {
  const asked: Promise<void>[] = [];
  for (let step = 0; step < 60; step++) {
    const session = choices.pick(world.sessions);
    const kind = choices.below(8);
    if (kind < 3) world.commit();
    else if (kind < 5) session.add(world.request());
    else if (kind === 5 && session.members.length > 0)
      session.remove(choices.pick(session.members));
    else if (kind === 6) asked.push(checkOneShot(world));
    const turns = choices.below(12);
    for (let i = 0; i < turns; i++) await undefined;
    if (choices.chance(0.1)) await world.store.reactivity.settled();
    world.store.reactivity.checkInvariants();
  }
  await world.store.reactivity.settled();
  await Promise.all(asked);
}

describe("whatever happens in whatever order", () => {
  it("[SUB2][SUB3][SUB4][SUB5][CACHE10] results are those of their timestamp, whole and the last ones", async () => {
    await forEachSeed(seeds("delivery", 60), async (choices, seed) => {
      const world = new World(seed, choices);
      await play(world, choices);
      for (const session of world.sessions) {
        // One more transition, at the newest version, that says what is known by then.
        session.group.requestTransition();
        await world.store.reactivity.settled();
        await checkSession(world, session);
        expect(session.told.at(-1)!.known.size).toBe(session.members.length);
        session.group.close();
      }
      world.store.reactivity.checkInvariants();
      expect(world.store.listenerErrors).toEqual([]);
    });
  });
});
