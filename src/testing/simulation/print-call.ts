/** Calls of a simulation as text, and the function they name. */
import { printLiteral } from "../../explain/print-literal";
import { getFunctionAddress } from "../../server/function-address";
import { durationMs } from "../../shared/duration";
import type { Value } from "../../values/value";
import type { SimulatedCall } from "./simulation-options";

/** `mutation counters:add({ by: 1 })` */
export function printCall(call: SimulatedCall): string {
  if ("advance" in call) return nameOfCall(call);
  const { args, as } = call;
  const user = as === undefined ? "" : ` as ${printLiteral(as as Value)}`;
  return `${nameOfCall(call)}(${args === undefined ? "" : printLiteral(args as Value)})${user}`;
}

/** `mutation counters:add` */
export function nameOfCall(call: SimulatedCall): string {
  if ("advance" in call) return `advance ${durationMs(call.advance)} ms`;
  const [kind] = Object.keys(call).filter((key) => KINDS.has(key));
  const address = getFunctionAddress(referenceOf(call));
  return `${kind} ${address.name ?? address.reference ?? address.functionHandle}`;
}

const KINDS = new Set(["mutation", "query", "action", "subscribe"]);

export function referenceOf(call: Exclude<SimulatedCall, { advance: unknown }>): unknown {
  if ("mutation" in call) return call.mutation;
  if ("query" in call) return call.query;
  return "action" in call ? call.action : call.subscribe;
}
