/**
 * A call made ready, with a request id that is drawn when the call is made and spelt when somebody
 * asks for it, which nearly nobody does.
 */
import type { Random } from "../shared/random";
import { printRequestId } from "./request-id";
import type { FunctionCall } from "./runner";

export class PreparedCall implements FunctionCall {
  readonly target: FunctionCall["target"];
  readonly fn: FunctionCall["fn"];
  readonly args: FunctionCall["args"];
  readonly identity: FunctionCall["identity"];
  readonly origin: FunctionCall["origin"];
  readonly #high: number;
  readonly #low: number;

  /** Takes two numbers from `random`. */
  constructor(call: Omit<FunctionCall, "requestId">, random: Random) {
    this.target = call.target;
    this.fn = call.fn;
    this.args = call.args;
    this.identity = call.identity;
    this.origin = call.origin;
    this.#high = random.uint32();
    this.#low = random.uint32();
  }

  get requestId(): string {
    return printRequestId(this.#high, this.#low);
  }
}
