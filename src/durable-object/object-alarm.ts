/**
 * The one alarm of an object, for two purposes: the backend's scheduled functions, through a clock,
 * and pings of connected clients. What it waits for is kept in a row beside the platform's alarm, so
 * that an object woken for pings need not load its backend to know when to wake next.
 *
 * Row and alarm are written in the turn of the commit that made them so: the platform makes them
 * durable together. No timers, which would keep the object from hibernating, except while an alarm is
 * being handled: no other is delivered meanwhile, and what falls due must not wait for a long action.
 */
import { reportToHost } from "../functions/host-log";
import { type AlarmClock, alarmClock } from "../shared/alarm-clock";
import type { Clock } from "../shared/clock";
import { systemClock } from "../shared/system-clock";
import type { ObjectStorage } from "./durable-object-state";

export interface AlarmOptions {
  readonly storage: ObjectStorage;
  /** Called when a ping is due. */
  readonly onPing: () => void;
  /** Called when a scheduled function is due: settles when the backend is there. */
  readonly open: () => Promise<unknown>;
}

/** Clients give up after sixty seconds of silence; each ping wakes the object. */
const PING_EVERY_MS = 45_000;

/** When functions are tried again whose backend could not be opened. */
const RETRY_MS = 60_000;

/** When what is due, in milliseconds; `null` for nothing. */
interface Due {
  readonly jobs: number | null;
  readonly ping: number | null;
}

export class ObjectAlarm {
  readonly #options: AlarmOptions;
  readonly #system = systemClock();
  readonly #jobs: AlarmClock;
  /** As the row says. */
  #due: Due;
  /** What the backend's clock asks for; nothing before there is a backend. */
  #wanted: number | null = null;
  /** What the platform's alarm is set to. */
  #alarmMs: number | null;
  #handling = 0;
  #cancelTimer = () => {};

  constructor(options: AlarmOptions) {
    this.#options = options;
    this.#jobs = alarmClock({
      now: () => this.#system.now(),
      setAlarm: (atMs) => {
        this.#wanted = atMs ?? null;
        this.#set({ jobs: this.#wanted });
      },
    });
    const { sql } = options.storage;
    sql.exec(
      "CREATE TABLE IF NOT EXISTS invex_alarm (id INTEGER PRIMARY KEY, jobs REAL, ping REAL)",
    );
    const [row] = sql.exec("SELECT jobs, ping FROM invex_alarm").toArray() as Due[];
    this.#due = row ?? { jobs: null, ping: null };
    this.#alarmMs = earliest(this.#due);
  }

  /** The backend's clock. */
  get clock(): Clock {
    return this.#jobs;
  }

  /** The backend is there: its clock decides from now on. */
  async opened(): Promise<void> {
    this.#set({ jobs: this.#wanted });
    if (this.#handling > 0) return;
    // The platform gives an alarm up after some failures, such as those of a broken deployment.
    this.#alarmMs = await this.#options.storage.getAlarm();
    this.#arm();
  }

  /** Somebody is connected. */
  startPings(): void {
    if (this.#due.ping === null) this.#set({ ping: this.#system.now() + PING_EVERY_MS });
  }

  stopPings(): void {
    this.#set({ ping: null });
  }

  /** The platform's alarm has gone off. Settles when all that was due has been done; never rejects. */
  async handle(): Promise<void> {
    this.#alarmMs = null; // the platform's is spent
    this.#handling += 1;
    try {
      const nowMs = this.#system.now();
      if (isDue(this.#due.ping, nowMs)) {
        this.#set({ ping: nowMs + PING_EVERY_MS });
        this.#options.onPing();
      }
      if (isDue(this.#due.jobs, nowMs)) await this.#openAndRun(nowMs);
    } catch (error) {
      reportToHost("an alarm", error);
    } finally {
      this.#handling -= 1;
      this.#arm();
    }
  }

  async #openAndRun(nowMs: number): Promise<void> {
    // What remains if there will be no backend.
    this.#set({ jobs: nowMs + RETRY_MS });
    await this.#options.open();
    await this.#run();
  }

  async #run(): Promise<void> {
    this.#wanted = null;
    try {
      await this.#jobs.fire();
    } finally {
      this.#set({ jobs: this.#wanted });
    }
  }

  #set(due: Partial<Due>): void {
    const next = { ...this.#due, ...due };
    if (next.jobs !== this.#due.jobs || next.ping !== this.#due.ping) {
      this.#due = next;
      this.#options.storage.sql.exec(
        "INSERT INTO invex_alarm (id, jobs, ping) VALUES (1, ?, ?) ON CONFLICT (id) DO UPDATE SET jobs = excluded.jobs, ping = excluded.ping",
        ...[next.jobs, next.ping],
      );
    }
    this.#arm();
  }

  #arm(): void {
    this.#armTimer();
    const atMs = earliest(this.#due);
    if (atMs === this.#alarmMs) return;
    this.#alarmMs = atMs;
    const { storage } = this.#options;
    // Not awaited: a failed write resets the object.
    void (atMs === null ? storage.deleteAlarm() : storage.setAlarm(atMs));
  }

  /** Stands in for the alarms that are not delivered while one is being handled. */
  #armTimer(): void {
    this.#cancelTimer();
    this.#cancelTimer = () => {};
    if (this.#handling === 0 || this.#wanted === null) return;
    this.#cancelTimer = this.#system.schedule(this.#wanted, () => this.#run());
  }
}

function earliest({ jobs, ping }: Due): number | null {
  if (jobs === null || ping === null) return jobs ?? ping;
  return Math.min(jobs, ping);
}

function isDue(atMs: number | null, nowMs: number): boolean {
  return atMs !== null && atMs <= nowMs;
}
