// One call of a compatibility script, and the transcript it leaves. A script is data: the same list
// runs on several targets, and what each answered is compared entry by entry.

export type Kind = "query" | "mutation" | "action";
export type Args = Record<string, unknown>;
export type Saved = Readonly<Record<string, unknown>>;

export type Identity = {
  readonly subject: string;
  readonly issuer: string;
  readonly tokenIdentifier: string;
  readonly name: string;
};

/** How far the mock can be trusted with a step. */
export type Mock =
  /** Same outcome expected (the default). */
  | "same"
  /** Executed for its effects, outcome not compared: the named row says why. */
  | { readonly differs: string }
  /** Not executed at all: the named row says why. */
  | { readonly skipped: string };

export interface CallStep {
  readonly kind: Kind;
  /** "dir/module:export". */
  readonly path: string;
  readonly args?: Args | ((saved: Saved) => Args);
  readonly as?: Identity;
  /** Keeps the value under this name for later args. */
  readonly save?: string;
  readonly mock?: Mock;
}

/** Lets scheduled functions fall due: moves time by `ms`, then runs what is due. */
export interface DrainStep {
  readonly kind: "drain";
  readonly ms: number;
}

export type Step = CallStep | DrainStep;

export type Outcome =
  | { readonly value: unknown }
  | { readonly convexError: unknown }
  | { readonly error: string };

export interface Entry {
  readonly step: CallStep;
  readonly outcome: Outcome;
}

/** Something that can run a step: Invex over one of the fixture apps, or the mock. */
export interface Target {
  readonly name: string;
  call(step: CallStep, args: Args): Promise<unknown>;
  /** Moves time by one millisecond, firing nothing: keeps creation times apart. */
  tick(): void;
  drain(ms: number): Promise<void>;
  close(): Promise<void>;
}

export function query(path: string, args?: CallStep["args"], more: Partial<CallStep> = {}): Step {
  return call("query", path, args, more);
}

export function mutation(
  path: string,
  args?: CallStep["args"],
  more: Partial<CallStep> = {},
): Step {
  return call("mutation", path, args, more);
}

export function action(path: string, args?: CallStep["args"], more: Partial<CallStep> = {}): Step {
  return call("action", path, args, more);
}

export function drain(ms: number): Step {
  return { kind: "drain", ms };
}

function call(kind: Kind, path: string, args: CallStep["args"], more: Partial<CallStep>): Step {
  return { kind, path, ...(args === undefined ? {} : { args }), ...more };
}
