/** A program of a simulation: who does what, as data that can be made smaller. */
import { createRandom } from "../../shared/random";

export interface Step {
  /** Counted from 0. */
  readonly client: number;
  readonly operation: string;
  /** Where the call's random choices come from. */
  readonly seed: string;
  /** The choices themselves, once the call has been made. */
  readonly draws?: readonly number[];
}

/** Clients run side by side; the steps of one client come one after another. */
export type Program = readonly Step[];

/** What programs are made of. */
export interface ProgramShape {
  readonly operations: readonly string[];
  readonly clients: number;
  readonly steps: number;
}

/** The program of a seed. */
export function randomProgram(seed: string, { operations, clients, steps }: ProgramShape): Program {
  const random = createRandom(`${seed}/program`);
  const below = (limit: number) => Math.floor(random.next() * limit);
  return Array.from({ length: 1 + below(steps) }, (_, i) => ({
    client: below(clients),
    operation: operations[below(operations.length)] as string,
    seed: `${seed}/step/${i}`,
  }));
}

/**
 * Smaller programs, the boldest first: without some steps, with fewer clients, with simpler choices.
 * Each is a whole program; which of them still fail is for others to find out.
 */
export function* smallerPrograms(program: Program): Generator<Program> {
  for (let size = Math.ceil(program.length / 2); size >= 1; size = Math.floor(size / 2)) {
    for (let start = 0; start < program.length; start += size) {
      const rest = [...program.slice(0, start), ...program.slice(start + size)];
      if (rest.length > 0) yield rest;
    }
  }
  yield* withFewerClients(program);
  for (const [i, step] of program.entries()) {
    for (const draws of simplerDraws(step.draws ?? [])) {
      yield program.map((each, at) => (at === i ? { ...step, draws } : each));
    }
  }
}

function* withFewerClients(program: Program): Generator<Program> {
  const clients = [...new Set(program.map(({ client }) => client))];
  if (clients.length > 1) yield program.map((step) => ({ ...step, client: 0 }));
  const renumbered = program.map((step) => ({ ...step, client: clients.indexOf(step.client) }));
  if (clients.some((client, i) => client !== i)) yield renumbered;
  for (const [i, { client }] of renumbered.entries()) {
    if (client === 0) continue;
    yield renumbered.map((step, at) => (at === i ? { ...step, client: 0 } : step));
  }
}

function* simplerDraws(draws: readonly number[]): Generator<readonly number[]> {
  if (draws.some((draw) => draw > 0)) yield draws.map(() => 0);
  for (const [i, draw] of draws.entries()) {
    for (const simpler of [0, draw / 2]) {
      // Below this, a choice among a thousand is the first.
      if (draw - simpler > 0.001) yield draws.map((each, at) => (at === i ? simpler : each));
    }
  }
}
