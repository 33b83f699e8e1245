/** A subscription of a simulation: whatever happens, it must end with what the query answers. */
import type { EngineSubscription } from "../../backend/embedder-subscriptions";
import type { Engine } from "../../backend/engine";
import { printLiteral } from "../../explain/print-literal";
import { userError } from "../../shared/errors";
import { valuesEqual } from "../../values/compare";
import type { Value } from "../../values/value";

interface WatchedCall extends Pick<EngineSubscription, "query" | "args" | "identity"> {
  readonly client: number;
}

type Heard = { readonly ok: true; readonly value: Value } | { readonly ok: false };

export class WatchedQuery {
  readonly #engine: Engine;
  readonly #call: WatchedCall;
  #heard: Heard | undefined;

  constructor(engine: Engine, call: WatchedCall) {
    this.#engine = engine;
    this.#call = call;
    engine.subscribe({
      ...call,
      onResult: (value) => {
        this.#heard = { ok: true, value: value as Value };
      },
      onError: () => {
        this.#heard = { ok: false };
      },
    });
  }

  /** Throws unless what was heard last is what a run of the query answers now. */
  async check(): Promise<void> {
    const { query, args, identity, client } = this.#call;
    const { result } = await this.#engine.explain(query, args, { identity });
    const heard = this.#heard;
    if (heard?.ok && result.ok ? valuesEqual(heard.value, result.value) : heard?.ok === result.ok)
      return;
    const told = heard?.ok ? printLiteral(heard.value) : "no result";
    const actual = result.ok ? printLiteral(result.value) : `an error: ${result.error.message}`;
    throw userError(
      "SimulationFailed",
      `A subscription of client ${client + 1} was told ${told} last, but the query answers ${actual}.`,
    );
  }
}
