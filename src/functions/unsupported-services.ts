/** Stand-ins for parts of `ctx` that a backend was made without: every use says so. */
import { userError } from "../shared/errors";
import type { FunctionServices } from "./services";

function missing(part: string): never {
  throw userError("NotSupported", `\`ctx.${part}\` is not supported yet.`, { part });
}

export const unsupportedServices: FunctionServices = {
  storageReader: () => refusing("storage"),
  storageWriter: () => refusing("storage"),
  storageActionWriter: () => refusing("storage"),
  transactionEnded: () => {},
  transactionScheduler: () => refusing("scheduler"),
  actionScheduler: () => refusing("scheduler"),
  signJwt: async () => missing("auth.signJwt"),
  vectorSearch: async () => missing("vectorSearch"),
};

/** An object that can be spread and passed around, and fails when one of its methods is called. */
function refusing<T extends object>(part: string): T {
  return new Proxy({} as T, {
    get: (_target, method) =>
      typeof method === "string" ? async () => missing(`${part}.${method}`) : undefined,
  });
}
