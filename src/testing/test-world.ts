/**
 * One backend under test, as all versions of a `t` share it: the engine with its concessions, its
 * clock, the crons that wait to be asked for, and who listens to runs of queries.
 */

import type { Concessions } from "../backend/concessions";
import { Engine } from "../backend/engine";
import { createHandle } from "../backend/handle";
import { parseOptions } from "../backend/options";
import type { Backend } from "../backend/types";
import { ComponentMounts } from "../components/component-mounts";
import type { TransactionLimits } from "../db/limits";
import type { ModuleMap } from "../functions/module-map";
import type { ComponentCrons } from "../scheduler/startup";
import { userError } from "../shared/errors";
import { createConcessions } from "./concessions";
import { adoptConvexFront } from "./convex-front";
import { TestClock } from "./test-clock";
import { type TestModules, testModules } from "./test-modules";
import { printNotice } from "./test-process";
import { TestTemplates } from "./test-templates";

/** As convex-test's: suites that look at URLs of files see the same host. */
const URL = "https://some-deployment.convex.cloud";

export interface TestWorldOptions {
  readonly schema: unknown;
  readonly modules: TestModules;
  /** `false`: none; `true`: Convex's; else Convex's but for these. */
  readonly transactionLimits: boolean | Partial<TransactionLimits>;
}

interface WorldParts {
  readonly engine: Engine;
  readonly clock: TestClock;
  readonly listeners: Set<RunListener>;
  /** The modules of each component, by path. */
  readonly components: ReadonlyMap<string, ModuleMap>;
  readonly hasCrons: boolean;
}

const templates = new TestTemplates<TestWorld>();

type RunListener = Concessions["onQueryRun"];

export class TestWorld {
  readonly engine: Engine;
  readonly clock: TestClock;
  #backend: Backend<unknown, unknown, never> | undefined;
  readonly #listeners: Set<RunListener>;
  readonly #components: Map<string, ModuleMap>;
  #hasCrons: boolean;
  readonly #front: Promise<void> | undefined;
  readonly #beginnings = new Set<Promise<void>>();
  #isReady = false;

  /**
   * A new world: a copy of an empty one, which is made once for the same options.
   * @throws InvexError `SchemaInvalid`, `ModuleInvalid`, `OptionsInvalid`
   */
  static create(options: TestWorldOptions): TestWorld {
    const empty = templates.get(options, () => TestWorld.#createEmpty(options));
    return empty.#copy("reloaded");
  }

  static #createEmpty({ schema, modules, transactionLimits }: TestWorldOptions): TestWorld {
    const clock = new TestClock();
    const listeners = new Set<RunListener>();
    const options = parseOptions({
      modules: {},
      clock,
      url: URL,
      limits: limitsOf(transactionLimits),
      onLog: printNotice,
    });
    const map = testModules(modules);
    const app = { path: "", modules: map, schema, crons: undefined, env: {} };
    const loaded = { components: [app], mounts: new ComponentMounts([]) };
    const engine = Engine.create(options, loaded, { concessions: concessionsOf(listeners) });
    const components = new Map([["", map]]);
    const world = { engine, clock, listeners, components, hasCrons: false };
    return new TestWorld(world, adoptConvexFront(modules));
  }

  private constructor(parts: WorldParts, front?: Promise<void>) {
    const { engine, clock, listeners, components, hasCrons } = parts;
    this.engine = engine;
    this.clock = clock;
    this.#listeners = listeners;
    this.#components = new Map(components);
    this.#hasCrons = hasCrons;
    this.#front = front;
  }

  get backend(): Backend<unknown, unknown, never> {
    this.#backend ??= createHandle(this.engine, URL) as Backend<unknown, unknown, never>;
    return this.#backend;
  }

  /** The engine, once it can run what is scheduled. */
  async ready(): Promise<Engine> {
    if (!this.#isReady) await Promise.all([this.engine.ready, this.#front]);
    this.#isReady = true;
    return this.engine;
  }

  /** A component that is registered again replaces nothing. */
  registerComponent(path: string, schema: unknown, modules: ModuleMap): void {
    if (this.#components.has(path)) return;
    this.engine.registerComponent(path, schema ?? undefined, modules);
    this.#components.set(path, modules);
  }

  /** @returns ends it */
  onQueryRun(listener: RunListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Something begins that waits for a module. @returns to be called when it has begun */
  begin(): () => void {
    let begun = () => {};
    const beginning = new Promise<void>((resolve) => {
      begun = resolve;
    }).then(() => void this.#beginnings.delete(beginning));
    this.#beginnings.add(beginning);
    return begun;
  }

  /** Resolves when everything has begun that was to. */
  async begun(): Promise<void> {
    await Promise.all(this.#beginnings);
  }

  /** Reads the modules `crons`, when time is to be moved for the first time. */
  async deployCrons(): Promise<void> {
    if (this.#hasCrons) return;
    this.#hasCrons = true;
    const crons: ComponentCrons[] = [];
    for (const [component, modules] of this.#components) {
      const exported = await modules.special("crons");
      if (exported !== undefined) crons.push({ component, exported });
    }
    if (crons.length > 0) await this.engine.scheduler.deployCrons(crons);
  }

  fork(): TestWorld {
    return this.#copy("loaded");
  }

  #copy(modules: "loaded" | "reloaded"): TestWorld {
    const listeners = new Set<RunListener>();
    const clock = this.clock.fork();
    const engine = this.engine.fork({ clock, concessions: concessionsOf(listeners), modules });
    const hasCrons = this.#hasCrons;
    const components = this.#components;
    return new TestWorld({ engine, clock, listeners, components, hasCrons }, this.#front);
  }
}

function concessionsOf(listeners: ReadonlySet<RunListener>) {
  return createConcessions((...run) => {
    for (const listener of listeners) listener(...run);
  });
}

const UNLIMITED: TransactionLimits = {
  bytesRead: Number.MAX_SAFE_INTEGER,
  bytesWritten: Number.MAX_SAFE_INTEGER,
  databaseQueries: Number.MAX_SAFE_INTEGER,
  documentsRead: Number.MAX_SAFE_INTEGER,
  documentsWritten: Number.MAX_SAFE_INTEGER,
  functionsScheduled: Number.MAX_SAFE_INTEGER,
  scheduledFunctionArgsBytes: Number.MAX_SAFE_INTEGER,
};

function limitsOf(given: TestWorldOptions["transactionLimits"]): Partial<TransactionLimits> {
  if (given === true) return {};
  if (given === false) return UNLIMITED;
  if (typeof given === "object" && given !== null) return given;
  throw userError(
    "OptionsInvalid",
    "convexTest: `transactionLimits` must be true, false or an object of limits.",
  );
}
