/**
 * Runs a function to see what it does to the database, and looks into live queries. Everything it
 * tells comes from what the engine keeps anyway, but for two things that cost while they last: the
 * probe in the explained transaction, and the recording of reruns, which the first look at live
 * queries begins.
 */
import type { Database } from "../db/database";
import type { TablePlan } from "../db/table-plan";
import type { CallOutcome } from "../functions/call-outcome";
import { INLINE_MODULE } from "../functions/inline-function";
import { queryRequestOf } from "../functions/query-request";
import type { FunctionCall, FunctionRunner } from "../functions/runner";
import type { Reactivity } from "../reactivity/reactivity";
import { Late } from "../shared/late";
import type { Explanation } from "./explanation";
import { type LiveQueryReport, RerunRecorder } from "./live-query-report";

const code = new Late(() => import("./explain-call"));

export interface ExplainerOptions {
  readonly database: Database;
  readonly runner: FunctionRunner;
  readonly reactivity: Reactivity;
  /** What the caller of the function would have got of an outcome. */
  readonly resultOf: (call: FunctionCall, outcome: CallOutcome) => Explanation["result"];
}

export class Explainer {
  readonly #options: ExplainerOptions;
  #reruns: RerunRecorder | undefined;
  /** Who wants reruns recorded: each of those who watch, and the embedder once he has asked. */
  readonly #watchers = new Set<object>();

  constructor(options: ExplainerOptions) {
    this.#options = options;
  }

  /** Runs a query or mutation and commits nothing. @throws InvexError `NotSupported` for actions */
  async explain(call: FunctionCall): Promise<Explanation> {
    const { explainCall } = await code.ready();
    const { database, runner, resultOf } = this.#options;
    const cached = isCached(call) ? this.#inspect(call) : undefined;
    const tableOfId = this.#tableOf(call.target.component);
    return explainCall({ call, database, runner, cached, tableOfId, resultOf });
  }

  /** From the first call on, why live queries run again is recorded. */
  liveQueries(): LiveQueryReport[] {
    this.#watchers.add(this);
    return this.#describeAll();
  }

  /** Records why live queries run again until `stop` is called, or for good if the embedder asks too. */
  watch(): { liveQueries(): LiveQueryReport[]; stop(): void } {
    const watcher = {};
    this.#watchers.add(watcher);
    this.#recorder();
    return {
      liveQueries: () => this.#describeAll(),
      stop: () => {
        this.#watchers.delete(watcher);
        if (this.#watchers.size > 0) return;
        this.#reruns = undefined;
        this.#options.reactivity.rerunListener = undefined;
      },
    };
  }

  /** Whether live queries' reruns are recorded now. */
  get isRecording(): boolean {
    return this.#reruns !== undefined;
  }

  #describeAll(): LiveQueryReport[] {
    const recorder = this.#recorder();
    return this.#options.reactivity
      .liveQueries()
      .map((query) => recorder.describe(query, this.#tableOf(query.request.componentPath)));
  }

  #recorder(): RerunRecorder {
    if (this.#reruns === undefined) {
      this.#reruns = new RerunRecorder();
      this.#options.reactivity.rerunListener = this.#reruns;
    }
    return this.#reruns;
  }

  #inspect(call: FunctionCall) {
    return this.#options.reactivity.inspect(queryRequestOf(call));
  }

  /** Ids say a table's number, which components share: who reads by id is mostly the component itself. */
  #tableOf(component: string): (id: string) => TablePlan | undefined {
    const { database } = this.#options;
    return (id) => database.planOfId(component, id);
  }
}

/** Inline functions are queries nobody can ask for again. */
function isCached({ fn, target }: FunctionCall): boolean {
  return fn.kind === "query" && target.path.module !== INLINE_MODULE;
}
