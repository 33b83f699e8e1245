/**
 * A running backend's own parts, for faces that look into it instead of calling it (`inspector/`).
 * Who has them can do anything, so handles keep them behind a symbol. Types but for the symbol and one helper.
 */
import type { Explainer } from "../explain/explainer";
import type { ComponentDirectory } from "../functions/component-directory";
import type { LogBook } from "../functions/log-book";
import type { FunctionRunner } from "../functions/runner";
import type { Outside } from "../reactivity/ports";
import type { OwnTransactions } from "./own-transaction";

export interface EngineInside extends OwnTransactions {
  readonly runner: FunctionRunner;
  readonly directory: ComponentDirectory;
  readonly explainer: Explainer;
  readonly logs: LogBook;
  /** What is looked at is no doing of the function that happens to run. */
  readonly outside: Outside;
  /** Calls `end` when the backend closes. @returns takes that back */
  onClose(end: () => void): () => void;
}

/**
 * Under it a handle has a method that gives the engine's parts, as soon as they are there. Global,
 * because an entry of the package may be another copy of this module than the handle's.
 */
export const INSIDE: unique symbol = Symbol.for("invex.inside") as never;

/** A handle, as those see it who look into backends. @throws as a rejection, `BackendClosed` */
export interface Inspectable {
  [INSIDE](): Promise<EngineInside>;
}

/** @returns takes it back */
export function addTo<T>(set: Set<T>, member: T): () => void {
  set.add(member);
  return () => set.delete(member);
}
