/** What can happen next in a simulation, and the choice among it: all of a run's luck is here. */
import { userError } from "../../shared/errors";
import { createRandom, type Random } from "../../shared/random";
import type { Gate } from "./gates";

export type Move =
  /** A client makes its next call. */
  | { readonly kind: "begin"; readonly client: number }
  /** A function hears of the result it waits for. */
  | { readonly kind: "goOn"; readonly gate: Gate }
  /** The scheduler starts what is due. */
  | { readonly kind: "wake" }
  /** Time passes. */
  | { readonly kind: "pass"; readonly toMs: number };

/** Choices after which a run is taken for one without an end. */
const MOST_CHOICES = 2_000;

/** How often whoever went on last goes on again: even luck alone rarely lets one run far ahead. */
const STUBBORNNESS = [0, 0.5, 0.9] as const;

const PASSING = 0.5;

export class MoveChooser {
  readonly #random: Random;
  readonly #stubbornness: number;
  #last: Gate["target"] | undefined;
  #count = 0;

  constructor(seed: string) {
    this.#random = createRandom(seed);
    this.#stubbornness = STUBBORNNESS[Math.floor(this.#random.next() * STUBBORNNESS.length)] ?? 0;
  }

  /** Choices made so far. */
  get count(): number {
    return this.#count;
  }

  /** Whether time may pass although somebody has something to do. */
  letsTimePass(): boolean {
    return this.#random.next() < PASSING;
  }

  /** One of `moves`, of which there is at least one. */
  choose(moves: readonly Move[]): Move {
    this.#count += 1;
    if (this.#count > MOST_CHOICES) throw endless();
    const isSame = (move: Move) => move.kind === "goOn" && move.gate.target === this.#last;
    const same = moves.find(isSame);
    const isStubborn = same !== undefined && this.#random.next() < this.#stubbornness;
    const move = isStubborn
      ? same
      : (moves[Math.floor(this.#random.next() * moves.length)] as Move);
    if (move.kind === "goOn") this.#last = move.gate.target;
    return move;
  }
}

function endless(): Error {
  return userError(
    "SimulationFailed",
    `The run does not come to its end within ${MOST_CHOICES} choices: do functions schedule each other for ever?`,
    { isEndless: true },
  );
}
