/** How running functions find other functions: a port, implemented where components are known. */

import type { Transaction } from "../db/transaction";
import type { FunctionAddress } from "../server/function-address";
import type { FunctionTarget } from "./function-target";
import type { Caller, WantedKind } from "./lookup-error";
import type { RegisteredFunction } from "./registered-function";

export interface FunctionDirectory {
  /**
   * What `address` means to a function of component `from`.
   * @param tx where handles are looked up; absent outside transactions
   * @throws InvexError when it leads nowhere
   */
  resolve(address: FunctionAddress, from: string, tx: Transaction | undefined): FunctionTarget;

  /** The function itself: at once when its module is loaded. @throws InvexError as `FunctionRegistry` */
  lookup(
    target: FunctionTarget,
    wanted: WantedKind,
    caller: Caller,
  ): RegisteredFunction | Promise<RegisteredFunction>;
}
