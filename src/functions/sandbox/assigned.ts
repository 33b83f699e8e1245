/**
 * Variables that a function assigns for itself, as workflow engines do to make time and randomness
 * repeatable: what it put there stays with it. The host finds its own whenever control is out, and
 * the function its own when it goes on.
 *
 * Only `Math` and `process` are looked at each time control passes, 2 ns each: nobody else swaps
 * them, while another copy of this library does with `Date` and `console`. The others are looked at
 * when one of these two has been assigned; who assigns only others loses that at the next `await`.
 */
import { type Execution, isFrozen } from "./execution";
import { globals } from "./host";
import { sandboxConsole } from "./sandbox-console";
import { SandboxDate } from "./sandbox-date";

/** What one function has assigned, by name. */
export type Assigned = ReadonlyMap<string, PropertyDescriptor>;

/** Mostly accessors that load something when they are read. */
const rarely = ["crypto", "Crypto", "CryptoKey", "SubtleCrypto"];

const variables = globals as unknown as Record<string, unknown>;
let hosts = { math: variables.Math, process: variables.process };
let rareHosts: ReadonlyMap<string, PropertyDescriptor | undefined> = new Map();

/** Control passes from the host to a function. */
export function noteHosts(): void {
  const { Math: math, process } = variables;
  if (math === hosts.math && process === hosts.process) return;
  hosts = { math, process };
}

/** Looks where the host's things are, as `survey` does. */
export function noteRareHosts(): void {
  rareHosts = new Map(rarely.map((name) => [name, descriptorOf(name)]));
}

/**
 * Control passes out of `execution`: takes along what it has assigned, and puts back what `swapOut`
 * does not.
 */
export function carryOut(execution: Execution): Assigned | undefined {
  if (variables.Math === hosts.math && variables.process === hosts.process) return undefined;
  const assigned = new Map<string, PropertyDescriptor>();
  const take = (name: string, own: unknown) => {
    if (variables[name] !== own) assigned.set(name, descriptorOf(name)!);
  };
  take("Date", isFrozen(execution) ? SandboxDate : variables.Date);
  take("console", sandboxConsole);
  take("Math", hosts.math);
  take("process", hosts.process);
  variables.Math = hosts.math;
  variables.process = hosts.process;
  for (const [name, own] of rareHosts) takeRare(name, own, assigned);
  return assigned;
}

/** Control passes back in. */
export function carryIn(assigned: Assigned): void {
  for (const [name, descriptor] of assigned) Object.defineProperty(globals, name, descriptor);
}

function takeRare(
  name: string,
  own: PropertyDescriptor | undefined,
  assigned: Map<string, PropertyDescriptor>,
): void {
  const now = descriptorOf(name);
  if (own === undefined || now === undefined) return;
  if (now.get === own.get && now.value === own.value) return;
  assigned.set(name, now);
  Object.defineProperty(globals, name, own);
}

function descriptorOf(name: string): PropertyDescriptor | undefined {
  return Object.getOwnPropertyDescriptor(globals, name);
}
