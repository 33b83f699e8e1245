/** What `simulate` takes and gives. */
import type { IdentityAttributes } from "../../auth/identity";
import type { Backend, BackendOptions } from "../../backend/types";
import type { Modules } from "../../functions/module-map";
import type { FunctionReference, FunctionType } from "../../server/function-reference";
import type { AnySchemaDefinition } from "../../server/schema-definition";
import type { Duration } from "../../shared/duration";
import type { Value } from "../../values/value";
import type { SimulationRandom } from "./draws";

// biome-ignore lint/suspicious/noExplicitAny: a reference of either visibility, with any arguments and result
type Reference<Type extends FunctionType> = FunctionReference<Type, any> | string;

interface CallDetails {
  readonly args?: Readonly<Record<string, unknown>>;
  /** The user who calls. Default: nobody is signed in. */
  readonly as?: IdentityAttributes;
}

/** One thing that a client does, or that happens to the backend. */
export type SimulatedCall =
  | (CallDetails & { readonly mutation: Reference<"mutation"> })
  | (CallDetails & { readonly query: Reference<"query"> })
  | (CallDetails & { readonly action: Reference<"action"> })
  /** From here on, to the end of the run. */
  | (CallDetails & { readonly subscribe: Reference<"query"> })
  /** Time passes: what falls due on the way runs beside everything else. */
  | { readonly advance: Duration };

/** A call that was made in a run, and what came of it. */
export interface SimulatedOutcome {
  /** The operation's name. */
  readonly operation: string;
  /** Counted from 1. */
  readonly client: number;
  readonly call: SimulatedCall;
  readonly result:
    | { readonly ok: true; readonly value: Value | undefined }
    | { readonly ok: false; readonly error: Error };
}

export interface SimulationOptions<Context = undefined>
  extends Pick<
    BackendOptions<Modules, AnySchemaDefinition>,
    "schema" | "modules" | "components" | "env" | "limits" | "onLog"
  > {
  /** Decides everything. Default: always the same, so that a test does not depend on luck. */
  readonly seed?: string;
  /** How many programs are tried. Default 100. */
  readonly runs?: number;
  /** Most operations of a program. Default 8. */
  readonly steps?: number;
  /** How many clients work at the same time, each one call after another. Default 3. */
  readonly clients?: number;
  /** How much time passes after the last call, for what was scheduled. Default: a minute. */
  readonly rest?: Duration;
  /** Fills each new backend, before anything is simulated. What it returns, operations get. */
  readonly setup?: (backend: Backend) => Context | Promise<Context>;
  /**
   * What clients may do. Each makes one call out of random choices, and must take all it needs from
   * them: it is made again, from simpler ones, while a failing program is made smaller.
   */
  readonly operations: Readonly<
    Record<string, (random: SimulationRandom, context: Context) => SimulatedCall>
  >;
  /**
   * What must hold when everything has come to rest: throws or answers `false` when it does not.
   * @param history the calls of the run in the order they ended
   */
  readonly invariant?: (
    backend: Backend,
    history: readonly SimulatedOutcome[],
    context: Context,
  ) => unknown;
  /** What must hold after every single commit. Gets a copy of the backend, made at that moment. */
  readonly always?: (backend: Backend, context: Context) => unknown;
}

/** What was tried without a failure. */
export interface SimulationReport {
  readonly runs: number;
  /** Calls made, of all runs. */
  readonly calls: number;
  readonly commits: number;
  /** How often the simulation chose who goes on. */
  readonly choices: number;
}
