/**
 * A client of the sync protocol that forgets nothing: it asks again for what it has no answer to,
 * over as many connections as it takes, as Convex's clients do (functions.md 9.5), and checks every
 * message against the rules servers are held to (9.4).
 */
import { jsonToConvex } from "../../src/values/convex-json";
import type { JSONValue } from "../../src/values/value";
import { textOf } from "./interpreter";
import type { Program } from "./step";

// biome-ignore lint/suspicious/noExplicitAny: messages are looked at field by field
type Message = any;

/** What a client tells the world. */
export interface ClientHost {
  send(text: string): void;
  violation(text: string): void;
  /** A state of everything it watches, as of one moment. */
  onView(ts: bigint, results: readonly ClientResult[]): void;
  onReply(tag: string, outcome: "returned" | "failed" | "lost", seen: string): void;
}

export interface ClientResult {
  readonly program: Program;
  readonly seen: string;
  readonly hasFailed: boolean;
}

interface WatchedQuery {
  readonly program: Program;
  /** The version of the query set it is part of. */
  readonly since: number;
}

interface OpenMutation {
  readonly program: Program;
  readonly tag: string;
  /** The connection it was first sent on. */
  readonly connection: number;
  /** Once it was answered: when its effects are to be seen. */
  answer: { readonly ts: bigint; readonly seen: string } | undefined;
}

const ZERO_TS = "AAAAAAAAAAA=";

export class ProtocolClient {
  readonly #host: ClientHost;
  readonly #name: string;
  readonly #sessionId: string;
  readonly #queries = new Map<number, WatchedQuery>();
  readonly #mutations = new Map<number, OpenMutation>();
  readonly #actions = new Map<number, string>();
  #results = new Map<number, Omit<ClientResult, "program">>();
  /** Those that it has taken out of its set, by the version without them. */
  readonly #removed = new Map<number, number>();
  /** Those that the server, on this connection, has told of and not taken back. */
  #toldOf = new Set<number>();
  #nextQuery = 0;
  #nextRequest = 0;
  #connections = 0;
  /** The version of its query set that it has sent, on this connection. */
  #querySet = 0;
  #told = { querySet: 0, identity: 0, ts: ZERO_TS };
  #seenNs = 0n;
  isConnected = false;

  constructor(n: number, host: ClientHost) {
    this.#host = host;
    this.#name = `c${n}`;
    this.#sessionId = `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`;
  }

  /** Whether it waits for nothing. */
  get isDone(): boolean {
    if (this.#mutations.size > 0 || this.#actions.size > 0) return false;
    return this.isConnected ? this.#told.querySet === this.#querySet : this.#queries.size === 0;
  }

  /** Whether it has ever asked for anything. */
  get isUsed(): boolean {
    return this.#nextQuery + this.#nextRequest > 0;
  }

  get watched(): readonly number[] {
    return [...this.#queries.keys()];
  }

  /** What it knows now of what it watches. */
  get results(): readonly ClientResult[] {
    return [...this.#queries].flatMap(([queryId, { program }]) => {
      const result = this.#results.get(queryId);
      return result === undefined ? [] : [{ program, ...result }];
    });
  }

  /** Says everything again over a new connection. */
  connect(): void {
    this.isConnected = true;
    this.#told = { querySet: 0, identity: 0, ts: ZERO_TS };
    this.#querySet = 0;
    this.#results = new Map();
    this.#toldOf = new Set();
    this.#removed.clear();
    this.#say({
      type: "Connect",
      sessionId: this.#sessionId,
      connectionCount: this.#connections,
      lastCloseReason: this.#connections === 0 ? "InitialConnect" : null,
      clientTs: 0,
    });
    this.#connections += 1;
    if (this.#queries.size > 0) {
      const adding = [...this.#queries].map(([queryId, { program }]) => addition(queryId, program));
      for (const [queryId, { program }] of this.#queries) {
        this.#queries.set(queryId, { program, since: 1 });
      }
      this.#modify(adding);
    }
    for (const [requestId, { program, tag }] of this.#mutations) {
      this.#call("Mutation", requestId, { program, tag });
    }
  }

  disconnect(): void {
    this.isConnected = false;
    for (const tag of this.#actions.values()) this.#host.onReply(tag, "lost", "");
    this.#actions.clear();
  }

  watch(program: Program): void {
    const queryId = this.#nextQuery++;
    this.#queries.set(queryId, { program, since: this.#querySet + 1 });
    if (this.isConnected) this.#modify([addition(queryId, program)]);
  }

  unwatch(queryId: number): void {
    this.#queries.delete(queryId);
    this.#results.delete(queryId);
    if (!this.isConnected) return;
    this.#modify([{ type: "Remove", queryId }]);
    this.#removed.set(queryId, this.#querySet);
  }

  mutate(program: Program): string {
    const requestId = this.#nextRequest++;
    const tag = `${this.#name}.${requestId}`;
    this.#mutations.set(requestId, {
      program,
      tag,
      connection: this.isConnected ? this.#connections : -1,
      answer: undefined,
    });
    if (this.isConnected) this.#call("Mutation", requestId, { program, tag });
    return tag;
  }

  /** Only while connected: actions are not asked for again. */
  act(program: Program): string {
    const requestId = this.#nextRequest++;
    const tag = `${this.#name}.${requestId}`;
    this.#actions.set(requestId, tag);
    this.#call("Action", requestId, { program, tag });
    return tag;
  }

  receive(text: string): void {
    const message: Message = JSON.parse(text);
    switch (message.type) {
      case "Transition":
        this.#onTransition(message);
        return;
      case "MutationResponse":
        this.#onMutation(message);
        return;
      case "ActionResponse":
        this.#onAction(message);
        return;
      case "Ping":
        return;
      default:
        this.#host.violation(`${this.#name} was told ${text}`);
    }
  }

  #onTransition({ startVersion, endVersion, modifications }: Message): void {
    const ts = nsOf(endVersion.ts);
    this.#check(isSame(startVersion, this.#told), "a transition does not follow the one before");
    this.#check(ts >= nsOf(this.#told.ts), "time goes back on a connection");
    this.#check(ts >= this.#seenNs, "time goes back from one connection to the next");
    this.#told = endVersion;
    this.#seenNs = ts;
    for (const change of modifications) this.#apply(change);
    for (const [queryId, version] of this.#removed) {
      const isTakenBack = version > endVersion.querySet || !this.#toldOf.has(queryId);
      this.#check(isTakenBack, "a removed query is not taken back");
    }
    const results: ClientResult[] = [];
    for (const [queryId, { program, since }] of this.#queries) {
      const result = this.#results.get(queryId);
      if (result !== undefined) results.push({ program, ...result });
      else this.#check(since > endVersion.querySet, "a query of the set has no result");
    }
    this.#host.onView(ts, results);
    for (const [requestId, { tag, answer }] of this.#mutations) {
      if (answer === undefined || answer.ts > ts) continue;
      this.#mutations.delete(requestId);
      this.#host.onReply(tag, "returned", answer.seen);
    }
  }

  #apply(change: Message): void {
    const { queryId, type } = change;
    const before = this.#results.get(queryId);
    if (type === "QueryRemoved") {
      this.#results.delete(queryId);
      this.#toldOf.delete(queryId);
      return;
    }
    this.#toldOf.add(queryId);
    // What was removed here may still be news on its way.
    if (!this.#queries.has(queryId)) return;
    const hasFailed = type === "QueryFailed";
    const seen = textOf(decoded(hasFailed ? change.errorData : change.value));
    const isNews = before === undefined || before.seen !== seen || before.hasFailed !== hasFailed;
    this.#check(isNews, "a result that has not changed is sent again");
    this.#results.set(queryId, { seen, hasFailed });
  }

  #onMutation({ requestId, success, result, errorData, ts }: Message): void {
    const open = this.#mutations.get(requestId);
    if (open === undefined) return;
    const seen = textOf(decoded(success ? result : errorData));
    if (!success) {
      this.#check(open.answer === undefined, "a mutation that was answered has failed");
      this.#mutations.delete(requestId);
      this.#host.onReply(open.tag, errorData === undefined ? "lost" : "failed", seen);
    } else if (open.answer === undefined) {
      open.answer = { ts: nsOf(ts), seen };
      const isFirst = open.connection === this.#connections;
      const isLate = isFirst && nsOf(ts) <= nsOf(this.#told.ts);
      this.#check(!isLate, "a mutation is answered after its effects");
    } else {
      this.#check(open.answer.seen === seen, "the same request has two answers");
    }
  }

  #onAction({ requestId, success, result, errorData }: Message): void {
    const tag = this.#actions.get(requestId);
    if (tag === undefined) return;
    this.#actions.delete(requestId);
    const isKnown = success || errorData !== undefined;
    const outcome = success ? "returned" : "failed";
    this.#host.onReply(
      tag,
      isKnown ? outcome : "lost",
      textOf(decoded(success ? result : errorData)),
    );
  }

  #check(holds: boolean, problem: string): void {
    if (!holds) this.#host.violation(`${this.#name}: ${problem}`);
  }

  #modify(modifications: readonly unknown[]): void {
    const baseVersion = this.#querySet;
    this.#querySet += 1;
    this.#say({
      type: "ModifyQuerySet",
      baseVersion,
      newVersion: this.#querySet,
      modifications,
    });
  }

  #call(type: "Mutation" | "Action", requestId: number, args: unknown): void {
    const udfPath = type === "Mutation" ? "m:mutation" : "m:action";
    this.#say({ type, requestId, udfPath, args: [args] });
  }

  #say(message: unknown): void {
    this.#host.send(JSON.stringify(message));
  }
}

function addition(queryId: number, program: Program) {
  return { type: "Add", queryId, udfPath: "m:query", args: [{ program }] };
}

function decoded(json: JSONValue | undefined) {
  return json === undefined ? null : jsonToConvex(json);
}

function nsOf(ts: string): bigint {
  return Buffer.from(ts, "base64").readBigUInt64LE();
}

function isSame(a: Message, b: Message): boolean {
  return a.querySet === b.querySet && a.identity === b.identity && a.ts === b.ts;
}
