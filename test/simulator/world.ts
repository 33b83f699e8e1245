/**
 * A simulated world: backends with their disk, clients on their network, an embedder, and time. It
 * knows what can happen next and makes it happen; who goes first is `simulation.ts`'s to say.
 */
import { Choices } from "../model/seeds";
import { seenOf } from "./ctx-access";
import { SimulatedDisk } from "./disk";
import { type FunctionsHost, type ProgramArgs, runMutation } from "./functions";
import {
  type Change,
  createHistory,
  type Execution,
  type History,
  type Line,
  type Reply,
  type Watch,
} from "./history";
import { textOf } from "./interpreter";
import type { WorldTime } from "./life-clock";
import { Cable } from "./network";
import { CLIENTS, type Plan } from "./plan";
import { ProtocolClient } from "./protocol-client";
import { SimulatedBackend } from "./simulated-backend";
import type { Program } from "./step";

/** Long before any wall clock: a time of this world seen outside of it is a leak. */
export const START_MS = Date.UTC(2001, 0, 1);

/** A function that waits. */
export interface Gate {
  readonly backend: SimulatedBackend;
  open(): void;
}

export interface ClientSeat {
  readonly n: number;
  readonly client: ProtocolClient;
  cable: Cable | undefined;
}

export class World {
  readonly plan: Plan;
  readonly choices: Choices;
  readonly history: History = createHistory();
  readonly time: WorldTime = { nowMs: START_MS };
  readonly disk: SimulatedDisk;
  readonly seats: readonly ClientSeat[];
  /** With those nobody listens to any more. */
  readonly cables = new Set<Cable>();
  /** Forks, and the backend beside the first. */
  readonly others: SimulatedBackend[] = [];
  gates: Gate[] = [];
  /** Runs while it lives. */
  backend: SimulatedBackend | undefined;
  lives = 0;
  crashes = 0;
  cuts = 0;
  messages = 0;
  /** Faults are over: what can end shall end. */
  isCalm = false;
  /** The backends are being closed. */
  isEnding = false;
  openCalls = 0;
  readonly #isTold: boolean;
  readonly #eagerness: number;
  readonly #subscriptions: { readonly watch: Watch; stop(): void }[] = [];

  /** @param isTold whether events are kept */
  constructor(plan: Plan, isTold: boolean) {
    this.plan = plan;
    this.#isTold = isTold;
    this.choices = new Choices(`${plan.schedule}/schedule`);
    this.#eagerness = this.choices.pick([0, 0.3, 0.7]);
    this.disk = new SimulatedDisk(plan);
    this.seats = Array.from({ length: CLIENTS }, (_, n) => this.#createSeat(n));
    this.start();
  }

  /** Whether anything runs that will end by itself. */
  get isBusy(): boolean {
    const queries = (this.backend?.queriesRunning ?? 0) > 0;
    return this.openCalls > 0 || queries || this.others.some((each) => each.queriesRunning > 0);
  }

  /** Told only to those who ask: most worlds have nothing to tell. */
  note(event: () => string): void {
    if (this.#isTold) this.history.events.push(event());
  }

  violation(text: string): void {
    this.history.violations.push(text);
    this.note(() => `!! ${text}`);
  }

  // ---- backends

  start(): void {
    this.lives += 1;
    this.note(() => `life ${this.lives} begins`);
    this.backend = SimulatedBackend.start({
      ...this.#backendOptions(this.history.main),
      disk: this.disk,
      hasCrons: this.plan.hasCrons,
    });
    const { backend } = this;
    backend.handle.ready.catch((error: unknown) => {
      if (!backend.isDead && !this.disk.hasFailed) this.violation(`it does not start: ${error}`);
    });
  }

  /** The process is gone. What it was writing is on the disk, or is not. */
  crash(keeps: boolean): void {
    const { backend } = this;
    if (backend === undefined) return;
    this.crashes += 1;
    this.backend = undefined;
    for (const each of [backend, ...this.others.filter(({ life }) => life === backend.life)]) {
      this.#bury(each);
    }
    for (const cable of this.cables) cable.crash();
    this.cables.clear();
    this.disk.crash(keeps);
    this.#find(backend.life);
  }

  fork(): void {
    if (this.backend === undefined) return;
    const { line: origin } = this.backend;
    const line: Line = {
      name: `fork ${this.history.lines.length}`,
      commits: [],
      origin: { line: origin, commits: origin.commits.length },
    };
    this.history.lines.push(line);
    const onCommit = (...args: Parameters<World["onCommit"]>) => this.onCommit(...args);
    this.others.push(this.backend.fork(line, onCommit));
  }

  /** The fork or the other backend of that number; one beside the first is made when there is none. */
  other(which: number): SimulatedBackend {
    const living = this.others.filter(({ isDead }) => !isDead);
    const found = living[which % (living.length + 1)];
    if (found !== undefined) return found;
    const present = living.find(({ clock }) => clock !== undefined);
    if (present !== undefined) return present;
    const line: Line = { name: "beside", commits: [], origin: undefined };
    this.history.lines.push(line);
    const other = SimulatedBackend.start({
      ...this.#backendOptions(line),
      // No life of the first one: it survives its crashes.
      life: -1,
      disk: undefined,
      hasCrons: false,
    });
    this.others.push(other);
    return other;
  }

  onCommit(backend: SimulatedBackend, ts: bigint, changes: readonly Change[]): void {
    if (backend.isDead) return;
    const { line, life } = backend;
    line.commits.push({ kind: "published", ts, changes, life });
    if (backend === this.backend && this.disk.newestNs < ts) {
      this.violation("a commit is visible that is not on the disk");
    }
    this.note(
      () => `${line.name}: commit ${line.commits.length}: ${changes.map(printChange).join("; ")}`,
    );
  }

  // ---- the embedder

  call(backend: SimulatedBackend, kind: Reply["kind"] | "inline" | "http", program: Program): void {
    const tag = `e${this.history.replies.length}`;
    const isOwn = kind === "inline" || kind === "http";
    const reply = this.#reply(backend, tag, isOwn ? "mutation" : kind, program);
    const { handle, line, host } = backend;
    const args: ProgramArgs = { program, tag, ...(line.origin && { line: line.name }) };
    this.note(() => `the embedder calls ${line.name} ${tag}: ${kind} ${JSON.stringify(program)}`);
    if (kind === "inline")
      this.#follow(
        backend,
        reply,
        handle.run((ctx) => runMutation(host, ctx, args)),
      );
    else if (kind === "http") this.#follow(backend, reply, askOverHttp(backend, args));
    // A query's arguments are the program alone: whoever asks the same shares the answer.
    else if (kind === "query") this.#follow(backend, reply, handle.query("m:query", { program }));
    else this.#follow(backend, reply, handle[kind](`m:${kind}`, { ...args }));
  }

  subscribe(backend: SimulatedBackend, program: Program): void {
    const { line, life, handle } = backend;
    const watch: Watch = {
      line,
      life,
      program,
      since: line.commits.length,
      deliveries: [],
      isEnded: false,
    };
    const hear = (seen: string, hasFailed: boolean) => {
      if (backend.isDead) return;
      if (watch.isEnded) this.violation("a subscription is told after its end");
      watch.deliveries.push({ seen, hasFailed, heard: line.commits.length });
    };
    const stop = handle.subscribe(
      "m:query",
      { program },
      (value) => hear(textOf(value), false),
      (error) => {
        const seen = seenOf(error);
        if (seen === undefined) this.violation(`a subscription failed: ${error.message}`);
        hear(textOf(seen ?? null), true);
      },
    );
    this.history.watches.push(watch);
    this.#subscriptions.push({ watch, stop });
    this.note(() => `the embedder subscribes on ${line.name} to ${JSON.stringify(program)}`);
  }

  unsubscribe(which: number): void {
    const running = this.#subscriptions.filter(({ watch }) => !watch.isEnded);
    const subscription = running[which % running.length];
    if (subscription === undefined) return;
    subscription.stop();
    subscription.watch.isEnded = true;
    this.note(() => "the embedder unsubscribes");
  }

  // ---- clients

  connect(seat: ClientSeat): void {
    if (this.backend === undefined) return;
    this.note(() => `client ${seat.n} connects`);
    const isSlow = this.plan.slowClients && this.choices.chance(0.5);
    const cable = new Cable(
      this.backend.handle,
      {
        onMessage: (text) => {
          this.messages += 1;
          seat.client.receive(text);
        },
        onClose: (frame) => {
          this.cuts += 1;
          seat.cable = undefined;
          seat.client.disconnect();
          const isExpected = frame === undefined || this.disk.hasFailed || this.isEnding;
          if (!isExpected)
            this.violation(`client ${seat.n} is sent away: ${JSON.stringify(frame)}`);
        },
      },
      isSlow,
    );
    this.cables.add(cable);
    seat.cable = cable;
    seat.client.connect();
  }

  mutate(seat: ClientSeat, program: Program): void {
    this.#ask(seat, "mutation", program, seat.client.mutate(program));
  }

  act(seat: ClientSeat, program: Program): void {
    if (seat.client.isConnected) this.#ask(seat, "action", program, seat.client.act(program));
  }

  // ---- inside

  #createSeat(n: number): ClientSeat {
    const seat: ClientSeat = {
      n,
      cable: undefined,
      client: new ProtocolClient(n, {
        send: (text) => {
          this.messages += 1;
          seat.cable?.send(text);
        },
        violation: (text) => this.violation(text),
        onView: (ts, results) => {
          const heard = this.history.main.commits.length;
          this.history.views.push({ client: n, ts, heard, results });
        },
        onReply: (tag, outcome, seen) => {
          const reply = this.history.replies.find((each) => each.tag === tag);
          if (reply === undefined) return;
          Object.assign(reply, { outcome, seen, heard: this.history.main.commits.length });
          this.note(() => `client ${n}: ${tag} ${outcome} ${seen}`);
        },
      }),
    };
    return seat;
  }

  #ask(seat: ClientSeat, kind: Reply["kind"], program: Program, tag: string): void {
    this.note(() => `client ${seat.n} asks ${tag}: ${kind} ${JSON.stringify(program)}`);
    this.history.replies.push(openReply(this.history.main, this.lives, tag, kind, program));
  }

  #reply(backend: SimulatedBackend, tag: string, kind: Reply["kind"], program: Program): Reply {
    const reply = openReply(backend.line, backend.life, tag, kind, program);
    this.history.replies.push(reply);
    return reply;
  }

  #follow(backend: SimulatedBackend, reply: Reply, answer: Promise<unknown>): void {
    this.openCalls += 1;
    const end = (outcome: Reply["outcome"], seen: string) => {
      if (backend.isDead) return;
      this.openCalls -= 1;
      Object.assign(reply, { outcome, seen, heard: backend.line.commits.length });
      this.note(() => `${reply.tag} ${outcome} ${seen}`);
    };
    answer.then(
      (value) => end("returned", textOf(value)),
      (error: unknown) => {
        const seen = seenOf(error);
        if (seen !== undefined) return end("failed", textOf(seen));
        const isExpected = backend.isDead || this.disk.hasFailed;
        if (!isExpected) this.violation(`${reply.tag} failed: ${error}`);
        end("lost", "");
      },
    );
  }

  #bury(backend: SimulatedBackend): void {
    backend.isDead = true;
    this.gates = this.gates.filter((gate) => gate.backend !== backend);
    for (const { watch } of this.#subscriptions) {
      if (watch.line === backend.line && watch.life === backend.life) watch.isEnded = true;
    }
    for (const reply of this.history.replies) {
      const isOwn = reply.line === backend.line && reply.life === backend.life;
      if (!isOwn || reply.outcome !== "open" || !reply.tag.startsWith("e")) continue;
      reply.outcome = "lost";
      this.openCalls -= 1;
    }
  }

  /** What is on the disk now is what the next life begins with. */
  #find(life: number): void {
    const { main } = this.history;
    const known = new Set<number>();
    for (const commit of main.commits) for (const n of marksOf(commit)) known.add(n);
    const marks = this.disk.documents("marks").map(({ n }) => n as number);
    const found = marks.filter((n) => !known.has(n));
    const image = this.image();
    main.commits.push({ kind: "found", ts: this.disk.newestNs, marks: found, image, life });
    this.note(() => `crash; on the disk, unheard of: executions ${found.join(", ") || "none"}`);
  }

  image() {
    const { disk } = this;
    return {
      items: disk.documents("items"),
      jobs: disk.documents("_scheduled_functions"),
      crons: disk.documents("_cron_jobs"),
    };
  }

  #backendOptions(line: Line) {
    return {
      line,
      life: this.lives,
      seed: `${this.plan.seed}/${line.name}`,
      time: this.time,
      host: (backend: SimulatedBackend) => this.#hostOf(backend),
      onCommit: (...args: Parameters<World["onCommit"]>) => this.onCommit(...args),
      onLog: (text: string) => this.note(() => `log: ${text}`),
    };
  }

  #hostOf(backend: SimulatedBackend): FunctionsHost {
    const { executions, lines } = this.history;
    return {
      begin: (kind, args) => {
        const line = lines.find(({ name }) => name === args.line) ?? backend.line;
        const execution = this.#execution(kind, args, line, backend.life);
        executions.push(execution);
        const { n, tag } = execution;
        this.note(
          () => `${line.name}: execution ${n} of ${tag} begins${backend.isDead ? " (dead)" : ""}`,
        );
        return execution;
      },
      execution: (n) => executions[n],
      pause: () => this.#pause(backend),
      queryBegins: () => {
        backend.queriesRunning += 1;
        return () => {
          backend.queriesRunning -= 1;
        };
      },
    };
  }

  #execution(kind: Execution["kind"], args: ProgramArgs, line: Line, life: number): Execution {
    const { program, ticket, tag = "?" } = args;
    const { executions } = this.history;
    const isCalled = tag.startsWith("a");
    return {
      n: executions.length,
      kind,
      program,
      tag: ticket === undefined ? tag : `j${ticket}`,
      line,
      life,
      snapshot: line.commits.length,
      beganMs: this.time.nowMs,
      nowMs: Date.now(),
      births: new Map(),
      ticket,
      caller: isCalled ? executions[Number.parseInt(tag.slice(1), 10)] : undefined,
      canceled: new Set(),
      acknowledged: [],
      hasWritten: false,
      end: "running",
      seen: "",
    };
  }

  #pause(backend: SimulatedBackend): Promise<void> | undefined {
    if (backend.isDead) return new Promise(() => {});
    if (this.isCalm || this.choices.chance(this.#eagerness)) return undefined;
    return new Promise((resolve) => this.gates.push({ backend, open: resolve }));
  }
}

export function marksOf(commit: Line["commits"][number]): readonly number[] {
  if (commit.kind === "found") return commit.marks;
  return commit.changes.filter(({ table }) => table === "marks").map(({ after }) => after.n);
}

function openReply(
  line: Line,
  life: number,
  tag: string,
  kind: Reply["kind"],
  program: Program,
): Reply {
  const asked = line.commits.length;
  return { tag, line, life, program, kind, asked, heard: -1, outcome: "open", seen: "" };
}

async function askOverHttp({ handle }: SimulatedBackend, args: ProgramArgs): Promise<unknown> {
  const response = await handle.fetch("/run", { method: "POST", body: JSON.stringify(args) });
  const seen: unknown = JSON.parse(await response.text());
  if (response.status === 200) return seen;
  if (response.status !== 409) throw new Error(`HTTP ${response.status}`);
  throw Object.assign(new Error("told to fail"), { data: seen });
}

function printChange({ table, before, after }: Change): string {
  if (after === null) return `${table} - ${before._id}`;
  return `${table} ${before === null ? "+" : "="} ${textOf(after)}`;
}
