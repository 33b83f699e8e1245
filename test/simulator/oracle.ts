/**
 * Judges a history: what everybody saw and was told must follow from one order of commits.
 * Nothing here runs the engine.
 */

import { CRON_INTERVAL_S } from "./functions";
import type { ClientView, Execution, History, Line, Reply, Watch } from "./history";
import { answer, EMPTY, ModelError } from "./model";
import { answerText, jobOf, jobText, Timeline } from "./timeline";
import { START_MS } from "./world";

const INTERVAL_MS = CRON_INTERVAL_S * 1000;

/** What is wrong with a history; nothing when all is well. */
export async function judge(history: History): Promise<string[]> {
  const oracle = new Oracle(history);
  try {
    await oracle.judge();
  } catch (error) {
    if (!(error instanceof ModelError)) throw error;
    oracle.problems.push(error.message);
  }
  return [...history.violations, ...oracle.problems];
}

class Oracle {
  readonly problems: string[] = [];
  readonly #history: History;
  readonly #timelines = new Map<Line, Timeline>();
  readonly #byTag = new Map<string, Execution[]>();

  constructor(history: History) {
    this.#history = history;
    for (const execution of history.executions) {
      const { tag } = execution;
      this.#byTag.set(tag, [...(this.#byTag.get(tag) ?? []), execution]);
    }
  }

  async judge(): Promise<void> {
    const { lines, executions, replies, watches, views } = this.#history;
    for (const line of lines) await this.#follow(line);
    for (const execution of executions) await this.#checkExecution(execution);
    for (const [tag, all] of this.#byTag) this.#checkOnce(tag, all);
    for (const reply of replies) await this.#checkReply(reply);
    for (const watch of watches) await this.#checkWatch(watch);
    for (const view of views) await this.#checkView(view);
    await this.#checkLastViews();
    this.#checkJobs();
    this.#checkClientOrder();
    this.#checkCrons();
    this.#checkEnd();
  }

  #problem(text: string): void {
    this.problems.push(text);
  }

  #timelineOf(line: Line): Timeline {
    return this.#timelines.get(line) as Timeline;
  }

  async #follow(line: Line): Promise<void> {
    const { origin } = line;
    const start = origin && this.#timelineOf(origin.line).states[origin.commits];
    const timeline = new Timeline(line, start, this.#history, (text) => this.#problem(text));
    this.#timelines.set(line, timeline);
    await timeline.follow();
  }

  // ---- executions

  /** One that did not commit saw the state at which it began. */
  async #checkExecution(execution: Execution): Promise<void> {
    const { n, tag, kind, line, snapshot, end, seen } = execution;
    const timeline = this.#timelineOf(line);
    const state = timeline.states[snapshot] ?? EMPTY;
    this.#checkStart(execution, timeline);
    const committed = timeline.committed.get(execution);
    if (committed !== undefined && committed < snapshot) {
      this.#problem(`execution ${n} of ${tag} commits before it begins`);
    }
    if (kind === "action" || committed !== undefined || end === "running") return;
    const alone = await timeline.replay(execution, state);
    const isSame =
      alone.hasFailed === (end === "failed") && answerText({ ...alone, hasFailed: false }) === seen;
    if (!isSame) {
      this.#problem(
        `execution ${n} of ${tag}, ${end} on commit ${snapshot}, saw ${seen}\n   but alone it sees ${answerText(alone)}`,
      );
    }
  }

  /** A job begins when it may. */
  #checkStart({ n, ticket, kind, beganMs, snapshot }: Execution, timeline: Timeline): void {
    if (ticket === undefined) return;
    const state = timeline.states[snapshot] ?? EMPTY;
    const job = [...state.jobs.values()].find((each) => each.ticket === ticket);
    const expected = kind === "action" ? "inProgress" : "pending";
    if (job === undefined) this.#problem(`execution ${n} runs a job that nobody has scheduled`);
    else if (job.scheduledTime > beganMs) this.#problem(`the job ${ticket} begins too early`);
    else if (job.state !== expected && !(kind === "action" && job.state === "canceled")) {
      this.#problem(`execution ${n} runs the job ${ticket}, which is ${job.state}`);
    }
  }

  /** What was asked for once happens at most once. */
  #checkOnce(tag: string, executions: readonly Execution[]): void {
    if (tag === "K") return;
    const count = executions.filter((each) => this.#commitOf(each) !== undefined).length;
    if (count > 1) this.#problem(`${tag} has happened ${count} times`);
    const isAction = executions[0]?.kind === "action";
    if (isAction && executions.length > 1) this.#problem(`the action ${tag} ran more than once`);
    // Clients and the scheduler may ask again.
    if (/^[ea]/.test(tag) && executions.length > 2) {
      this.#problem(`${tag} ran ${executions.length} times`);
    }
  }

  #commitOf(execution: Execution): number | undefined {
    return this.#timelineOf(execution.line).committed.get(execution);
  }

  // ---- replies

  async #checkReply(reply: Reply): Promise<void> {
    const { tag, kind, outcome } = reply;
    if (outcome === "open") this.#problem(`${tag} was never answered`);
    if (outcome === "open" || outcome === "lost") return;
    if (kind === "query") await this.#checkAnswer(reply);
    else this.#checkCall(reply);
    for (const execution of this.#byTag.get(tag) ?? []) {
      for (const called of execution.acknowledged) this.#mustHaveHappened(called);
    }
  }

  async #checkAnswer({ tag, line, program, asked, heard, outcome, seen }: Reply): Promise<void> {
    const timeline = this.#timelineOf(line);
    const told = `${outcome === "failed" ? "!" : ""}${seen}`;
    for (let commits = asked; commits <= heard; commits++) {
      if ((await timeline.answerAt(program, commits)) === told) return;
    }
    this.#problem(`${tag} was answered ${told}, at no commit from ${asked} to ${heard}`);
  }

  #checkCall({ tag, outcome, seen, heard }: Reply): void {
    const executions = this.#byTag.get(tag) ?? [];
    const ended = executions.filter((each) => each.end === outcome && each.seen === seen);
    if (ended.length === 0) this.#problem(`${tag} ${outcome} ${seen}, which no run of it did`);
    if (outcome === "returned") {
      const committed = this.#mustHaveHappened(tag);
      if (committed !== undefined && committed >= heard) this.#problem(`${tag} is told too early`);
      return;
    }
    // A client that is told of a failure may have asked on another connection too.
    const isAgain = tag.startsWith("c") && executions.length > 1;
    const hasHappened = executions.some((each) => this.#commitOf(each) !== undefined);
    if (hasHappened && !isAgain) this.#problem(`${tag} has failed and has happened`);
  }

  /** @returns its commit, if it wrote anything */
  #mustHaveHappened(tag: string): number | undefined {
    const executions = this.#byTag.get(tag) ?? [];
    const commits = executions.map((each) => this.#commitOf(each));
    const committed = commits.find((commit) => commit !== undefined);
    const isHarmless = executions.some(
      ({ end, hasWritten, kind }) => end === "returned" && (!hasWritten || kind === "action"),
    );
    if (committed === undefined && !isHarmless) this.#problem(`${tag} is lost`);
    return committed;
  }

  /** A client's mutations happen in its order, unless one failed and was asked for again. */
  #checkClientOrder(): void {
    const last = new Map<string, number>();
    const asked = this.#history.replies.filter(
      ({ tag, kind }) => tag.startsWith("c") && kind === "mutation",
    );
    for (const { tag } of asked) {
      const executions = this.#byTag.get(tag) ?? [];
      const client = tag.slice(0, tag.indexOf("."));
      const commit = executions
        .map((each) => this.#commitOf(each))
        .find((each) => each !== undefined);
      if (commit === undefined || executions.some(({ end }) => end === "failed")) continue;
      if (commit < (last.get(client) ?? -1)) this.#problem(`${tag} happened before its time`);
      last.set(client, Math.max(commit, last.get(client) ?? -1));
    }
  }

  // ---- subscriptions

  /** Deliveries are answers at commits, in order, each different, none missing at the end. */
  async #checkWatch({ line, program, since, deliveries, isEnded }: Watch): Promise<void> {
    const timeline = this.#timelineOf(line);
    const what = `a subscription on ${line.name} to ${JSON.stringify(program)}`;
    let at = since;
    let before: string | undefined;
    for (const { seen, hasFailed, heard } of deliveries) {
      const told = `${hasFailed ? "!" : ""}${seen}`;
      if (told === before) this.#problem(`${what} is told the same twice: ${told}`);
      before = told;
      while (at <= heard && (await timeline.answerAt(program, at)) !== told) at += 1;
      if (at > heard) {
        return this.#problem(`${what} is told ${told}, which is no answer up to commit ${heard}`);
      }
    }
    if (isEnded) return;
    const newest = await timeline.answerAt(program, line.commits.length);
    if (before !== newest)
      this.#problem(`${what} ends with ${before}, but the answer is ${newest}`);
  }

  /** Everything a client knows is as of one commit. */
  async #checkView({ client, ts, results, heard }: ClientView): Promise<void> {
    const timeline = this.#timelineOf(this.#history.main);
    const commits = timeline.commitsAt(ts, heard);
    const next = this.#history.main.commits[heard];
    if (next?.kind === "published" && next.ts <= ts) {
      this.#problem(`client ${client} is told of a commit before it is there`);
    }
    for (const { program, seen, hasFailed } of results) {
      const told = `${hasFailed ? "!" : ""}${seen}`;
      const expected = await timeline.answerAt(program, commits);
      if (told === expected) continue;
      this.#problem(
        `client ${client} at commit ${commits} has ${told} for ${JSON.stringify(program)}\n   but the answer is ${expected}`,
      );
    }
  }

  async #checkLastViews(): Promise<void> {
    const { main, lastViews } = this.#history;
    const timeline = this.#timelineOf(main);
    for (const { client, results } of lastViews) {
      for (const { program, seen, hasFailed } of results) {
        const told = `${hasFailed ? "!" : ""}${seen}`;
        const newest = answerText(await answer(program, timeline.last));
        if (told !== newest)
          this.#problem(`client ${client} ends with ${told}, not with ${newest}`);
      }
    }
  }

  // ---- jobs

  #checkJobs(): void {
    const timeline = this.#timelineOf(this.#history.main);
    for (const { ticket, state, runs } of timeline.last.jobs.values()) {
      const executions = (this.#byTag.get(`j${ticket}`) ?? []).filter(
        ({ line }) => line === this.#history.main,
      );
      const happened = executions.filter((each) => this.#commitOf(each) !== undefined).length;
      const done = runs === "action" ? executions.length : happened;
      if (state === "success" && done !== 1) {
        this.#problem(`the job ${ticket} is a success and was done ${done} times`);
      }
      if (runs === "mutation" && state !== "success" && done > 0) {
        this.#problem(`the job ${ticket} is ${state} and was done`);
      }
      if (state === "pending" || state === "inProgress")
        this.#problem(`the job ${ticket} never ends`);
    }
  }

  /** Runs of an interval keep to its grid: none early, and those that are past are left out. */
  #checkCrons(): void {
    const nextMs: number | undefined = this.#history.end?.crons[0]?.nextTime;
    if (nextMs === undefined) return;
    const commitOf = (each: Execution) => this.#commitOf(each) ?? -1;
    const runs = (this.#byTag.get("K") ?? [])
      .filter((each) => commitOf(each) >= 0)
      .sort((a, b) => commitOf(a) - commitOf(b));
    let dueMs = nextMs - INTERVAL_MS * Math.ceil((nextMs - START_MS) / INTERVAL_MS);
    for (const [i, { beganMs }] of runs.entries()) {
      if (beganMs < dueMs) this.#problem(`run ${i} of the cron is not due before ${dueMs}`);
      // Due once more at the first time on the grid that has not passed.
      const intervals = Math.max(1, Math.ceil((beganMs - dueMs) / INTERVAL_MS));
      dueMs += intervals * INTERVAL_MS;
    }
  }

  /** At the end the disk holds what was committed. */
  #checkEnd(): void {
    const { end, main } = this.#history;
    const timeline = this.#timelineOf(main);
    if (end === undefined) {
      this.#problem("the world has no end");
      return;
    }
    timeline.compareItems(end.items, timeline.last);
    const stored = new Set(end.jobs.map((job) => jobText(jobOf(job))));
    for (const job of timeline.last.jobs.values()) {
      if (!stored.delete(jobText(job))) this.#problem(`the disk lacks ${jobText(job)}`);
    }
    for (const job of stored) this.#problem(`the disk has ${job}, which nobody committed`);
  }
}
