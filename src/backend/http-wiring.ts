/** The HTTP side of a backend, put together. */
import { admitAdmin } from "../auth/admin-key";
import { TokenVerifier } from "../auth/token-verifier";
import type { ComponentMounts } from "../components/component-mounts";
import type { CallOutcome } from "../functions/call-outcome";
import type { ComponentDirectory } from "../functions/component-directory";
import { reportToHost } from "../functions/host-log";
import type { FunctionCall, FunctionRunner } from "../functions/runner";
import { ClientCalls } from "../http/client-calls";
import { FileEndpoints } from "../http/file-endpoints";
import { FunctionApi } from "../http/function-api";
import { HeldSnapshots } from "../http/held-snapshots";
import { HttpActions } from "../http/http-actions";
import { asRouter, type Router } from "../http/http-routes";
import { HttpServer } from "../http/http-server";
import type { Files } from "../storage/files";
import type { SyncAuth } from "../sync/sync-caller";
import type { ParsedOptions } from "./options";
import { type OwnTransactions, readNow, transact } from "./own-transaction";

export interface HttpParts extends OwnTransactions {
  readonly options: ParsedOptions;
  readonly runner: FunctionRunner;
  readonly directory: ComponentDirectory;
  readonly mounts: ComponentMounts;
  readonly files: Files;
  /** Runs a query on the newest version, or answers from a cache. */
  readonly ask: (
    call: FunctionCall,
  ) => Promise<{ outcome: CallOutcome; logLines: readonly string[] }>;
  readonly createRequestId: () => string;
  /** The keys that verify what the backend has signed. */
  readonly jwks: () => Promise<unknown>;
}

export interface HttpSide {
  readonly server: HttpServer;
  /** For calls that are no requests from outside. */
  readonly actions: HttpActions;
  /** Whom to believe, also on other transports. */
  readonly auth: SyncAuth;
  readonly calls: ClientCalls;
  readonly held: HeldSnapshots;
}

export function createHttpSide(parts: HttpParts): HttpSide {
  const { options, runner, directory, mounts, files, database, ask, createRequestId } = parts;
  const { clock } = database;
  const { redactErrors, adminKey } = options;
  const common = { createRequestId, redactErrors, runner };
  const site = { mounts, routerOf: (component: string) => routerOf(directory, component) };
  const verifier = new TokenVerifier({
    config: () => options.auth ?? directory.registryOf("")?.modules.special("auth.config"),
    clock,
    fetch: (url) => fetchKeys(url),
  });
  const calls = new ClientCalls({ ...common, directory, ask });
  const held = new HeldSnapshots({ database, clock });
  const actions = new HttpActions({ ...common, site });
  const server = new HttpServer({
    verifier,
    adminKey,
    redactErrors,
    actions,
    jwks: parts.jwks,
    api: new FunctionApi({ calls, held, database }),
    files: new FileEndpoints({
      files,
      now: () => clock.now(),
      hasComponent: (component) => directory.registryOf(component) !== undefined,
      transact: (body) => transact(parts, body),
      read: (body) => readNow(parts, body),
    }),
    onError: (error) => reportToHost("a request", error),
  });
  /** Keys that the app publishes itself, as auth libraries do, are asked of the app itself. */
  const fetchKeys = (url: string): Promise<Response> => {
    if (url.startsWith(`${options.url}/`)) return server.fetch(new Request(url), null);
    return options.fetch === undefined ? fetch(url) : options.fetch(url);
  };
  const auth: SyncAuth = {
    verify: (token) => verifier.verify(token),
    admit: (credentials) => admitAdmin(credentials, adminKey),
  };
  return { server, actions, auth, calls, held };
}

function routerOf(
  directory: ComponentDirectory,
  component: string,
): Router | undefined | Promise<Router | undefined> {
  const exported = directory.registryOf(component)?.modules.special("http");
  if (exported === undefined) return undefined;
  return exported instanceof Promise ? exported.then(asRouter) : asRouter(exported);
}
