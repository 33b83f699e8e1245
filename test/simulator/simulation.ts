/**
 * Runs a plan: again and again it looks at what could happen next (a function goes on, a write
 * reaches the disk, a message arrives, time wakes somebody, the plan's next event begins) and lets
 * the plan's schedule choose. Equal plans give equal histories.
 */
import { soonestTurn } from "../../src/shared/clock-turns";
import { CRON_INTERVAL_S } from "./functions";
import type { Document, History } from "./history";
import { hostGlobals } from "./host-globals";
import type { Cable } from "./network";
import type { Plan, PlannedEvent } from "./plan";
import { marksOf, World } from "./world";

export interface SimulationStats {
  readonly commits: number;
  readonly executions: number;
  readonly crashes: number;
  readonly faults: number;
  readonly cuts: number;
  readonly messages: number;
  readonly writes: number;
  readonly choices: number;
}

export interface Outcome {
  readonly history: History;
  readonly stats: SimulationStats;
}

/** Turns without a choice after which nothing will happen any more; and after which that is wrong. */
const QUIET_TURNS = 2;
const STUCK_TURNS = 300;
/** Choices after which a world is taken for one without an end. */
const MOST_CHOICES = 5_000;
/** Rounds of passing time, at the end. */
const MOST_ROUNDS = 200;
const CRON_ROUNDS = 3;

/** @param isTold whether the history's events are kept, for people */
export async function runPlan(plan: Plan, isTold = false): Promise<Outcome> {
  const globals = hostGlobals();
  const simulation = new Simulation(new World(plan, isTold));
  const outcome = await simulation.run();
  for (const leak of globals.changes()) outcome.history.violations.push(`${leak} is another now`);
  return outcome;
}

class Simulation {
  readonly #world: World;
  readonly #events: PlannedEvent[];
  #choices = 0;

  constructor(world: World) {
    this.#world = world;
    this.#events = [...world.plan.events];
  }

  async run(): Promise<Outcome> {
    const world = this.#world;
    await this.#untilQuiet();
    world.isCalm = true;
    this.#calmDown();
    await this.#untilQuiet();
    await this.#untilJobsAreDone();
    if (world.plan.hasCrons) await this.#watchCrons();
    world.history.end = world.image();
    for (const { n, client } of world.seats) {
      world.history.lastViews.push({ client: n, results: client.results });
    }
    await this.#close();
    return { history: world.history, stats: this.#stats() };
  }

  /** Lets things happen until nothing can. */
  async #untilQuiet(): Promise<void> {
    for (let idle = 0; ; idle++) {
      if (idle > 0 || !this.#world.choices.chance(0.35)) await soonestTurn();
      const moves = this.#moves();
      if (moves.length > 0) {
        this.#make(moves);
        idle = -1;
      } else if (idle >= QUIET_TURNS && !this.#world.isBusy) {
        return;
      }
      if (idle > STUCK_TURNS) throw new Error("something waits for what never comes");
    }
  }

  #make(moves: readonly Move[]): void {
    this.#choices += 1;
    if (this.#choices > MOST_CHOICES) throw new Error("it does not come to an end");
    const total = moves.reduce((sum, { weight }) => sum + weight, 0);
    let left = this.#world.choices.below(total);
    for (const { weight, make } of moves) {
      left -= weight;
      if (left < 0) {
        make();
        return;
      }
    }
  }

  #moves(): Move[] {
    const world = this.#world;
    const { backend, gates, disk, isCalm } = world;
    const moves: Move[] = [];
    const [event] = this.#events;
    if (event !== undefined && (backend !== undefined || !needsBackend(event))) {
      moves.push({ weight: 4, make: () => this.#begin(this.#events.shift() as PlannedEvent) });
    }
    if (gates.length > 0) moves.push({ weight: 6, make: () => this.#openGate() });
    if (disk.isBusy) moves.push({ weight: 3, make: () => disk.complete() });
    if (backend === undefined) moves.push({ weight: 4, make: () => world.start() });
    this.#addNetwork(moves);
    for (const { clock } of backend === undefined ? world.others : [backend, ...world.others]) {
      if (clock?.isDue) moves.push({ weight: 2, make: () => clock.wake() });
    }
    for (const seat of world.seats) {
      const wants = !world.isEnding && (isCalm ? seat.client.isUsed : !seat.client.isDone);
      if (seat.cable === undefined && wants && backend !== undefined && !disk.hasFailed) {
        moves.push({ weight: 2, make: () => world.connect(seat) });
      }
    }
    return moves;
  }

  #addNetwork(moves: Move[]): void {
    for (const cable of this.#world.cables) {
      if (cable.isOver) this.#world.cables.delete(cable);
      const end = (body: (cable: Cable) => void) => () => body(cable);
      if (cable.canGoUp) moves.push({ weight: 3, make: end((each) => each.goUp()) });
      if (cable.canGoDown) moves.push({ weight: 3, make: end((each) => each.goDown()) });
      if (cable.isStale) moves.push({ weight: 1, make: end((each) => each.notice()) });
    }
  }

  #openGate(): void {
    const { gates, choices } = this.#world;
    // Whoever came last goes on twice as often: even luck alone rarely lets one run far ahead.
    const at = choices.chance(0.5) ? gates.length - 1 : choices.below(gates.length);
    const [gate] = gates.splice(at, 1);
    gate?.open();
  }

  #begin(event: PlannedEvent): void {
    const world = this.#world;
    const { backend } = world;
    switch (event.do) {
      case "call":
        if (backend !== undefined) world.call(backend, event.kind, event.program);
        return;
      case "subscribe":
        if (backend !== undefined) world.subscribe(backend, event.program);
        return;
      case "unsubscribe":
        world.unsubscribe(event.which);
        return;
      case "pass":
        world.note(() => `${event.ms} ms pass`);
        world.time.nowMs += event.ms;
        return;
      case "crash":
        world.crash(event.keeps);
        world.time.nowMs += event.downMs;
        return;
      case "breakDisk":
        world.note(() => `the next write fails ${event.fault} it takes effect`);
        world.disk.breakNext(event.fault);
        return;
      case "fork":
        world.fork();
        return;
      case "callOther": {
        const other = world.other(event.which);
        if (event.kind === "subscribe") world.subscribe(other, event.program);
        else world.call(other, event.kind, event.program);
        return;
      }
      default:
        this.#beginOfClient(event);
        return;
    }
  }

  #beginOfClient(event: Extract<PlannedEvent, { client: number }>): void {
    const world = this.#world;
    const seat = world.seats[event.client];
    if (seat === undefined) return;
    switch (event.do) {
      case "mutate":
        world.mutate(seat, event.program);
        return;
      case "act":
        world.act(seat, event.program);
        return;
      case "watch":
        world.note(() => `client ${seat.n} watches ${JSON.stringify(event.program)}`);
        seat.client.watch(event.program);
        return;
      case "unwatch": {
        const { watched } = seat.client;
        const queryId = watched[event.which % watched.length];
        if (queryId !== undefined) seat.client.unwatch(queryId);
        return;
      }
      case "cut":
        world.note(() => `client ${seat.n} is cut off`);
        seat.cable?.cut(event.kept);
    }
  }

  /** No faults from here on: what waits goes on, what is down comes up. */
  #calmDown(): void {
    const world = this.#world;
    world.note(() => "calm");
    if (world.disk.hasFailed) world.crash(true);
    if (world.backend === undefined) world.start();
    world.disk.breakNext(undefined);
    for (const { open } of world.gates.splice(0)) open();
  }

  /** Time passes, from one wake to the next, until every job has ended. */
  async #untilJobsAreDone(): Promise<void> {
    for (let round = 0; this.#hasOpenJobs(); round++) {
      if (round > MOST_ROUNDS) throw new Error("a job never ends");
      this.#passToNextWake();
      await this.#untilQuiet();
    }
  }

  #hasOpenJobs(): boolean {
    const open = new Set(["pending", "inProgress"]);
    const jobs: Document[] = this.#world.disk.documents("_scheduled_functions");
    return jobs.some(({ state }) => open.has(state.kind));
  }

  #passToNextWake(): void {
    const { backend, time } = this.#world;
    const next = backend?.clock?.nextMs;
    if (next === undefined) throw new Error("jobs wait, and nobody asked to be woken");
    time.nowMs = Math.max(time.nowMs, next);
  }

  /** With nothing in its way, a cron runs once each interval. */
  async #watchCrons(): Promise<void> {
    const world = this.#world;
    let before = this.#cronRuns();
    for (let round = 0; round < CRON_ROUNDS; round++) {
      world.time.nowMs += CRON_INTERVAL_S * 1000;
      await this.#untilQuiet();
      const runs = this.#cronRuns();
      if (runs !== before + 1) {
        world.violation(`the cron ran ${runs - before} times in one interval`);
      }
      before = runs;
    }
  }

  #cronRuns(): number {
    const { main, executions } = this.#world.history;
    const marks = main.commits.flatMap(marksOf);
    return marks.filter((n) => executions[n]?.tag === "K").length;
  }

  async #close(): Promise<void> {
    const world = this.#world;
    if (Date.now() < Date.UTC(2020, 0, 1)) world.violation("the host sees the world's time");
    const { backend, others } = world;
    world.isEnding = true;
    for (const each of [backend, ...others]) {
      if (each === undefined || each.isDead) continue;
      world.openCalls += 1;
      void each.handle.close().then(() => {
        world.openCalls -= 1;
      });
    }
    await this.#untilQuiet();
    for (const each of [backend, ...others]) if (each !== undefined) each.isDead = true;
  }

  #stats(): SimulationStats {
    const { history, crashes, cuts, messages, disk } = this.#world;
    return {
      commits: history.lines.reduce((sum, { commits }) => sum + commits.length, 0),
      executions: history.executions.length,
      crashes,
      faults: disk.faults,
      cuts,
      messages,
      writes: disk.writes,
      choices: this.#choices,
    };
  }
}

interface Move {
  readonly weight: number;
  readonly make: () => void;
}

function needsBackend(event: PlannedEvent): boolean {
  return ["call", "subscribe", "fork", "crash"].includes(event.do);
}
