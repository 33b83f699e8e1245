/** `t`, for one user and request: each method forwarded to the engine, errors as they were thrown. */
import { completeIdentity, type IdentityAttributes } from "../auth/identity";
import type { Engine } from "../backend/engine";
import { type RequestOrigin, UNKNOWN_ORIGIN } from "../functions/call-execution";
import type { QueryRequest } from "../reactivity/ports";
import { callKey } from "../reactivity/query-key";
import type { UserIdentity } from "../server/authentication";
import { componentsGeneric } from "../server/component-references";
import type { GenericDataModel } from "../server/data-model";
import type { Duration } from "../shared/duration";
import { userError } from "../shared/errors";
import { finishAll } from "./scheduled-functions";
import type { InvexTest, TestConvexRoot } from "./test-convex";
import { type TestModules, testModules } from "./test-modules";
import { SubscriptionRecord, testSubscription } from "./test-subscription";
import { unsignedToken } from "./test-token";
import type { TestWorld } from "./test-world";
import { thrownError } from "./thrown-error";

/** For whom `t` calls. */
interface TestCaller {
  readonly identity: UserIdentity | null;
  readonly origin: RequestOrigin;
}

const NOBODY: TestCaller = { identity: null, origin: UNKNOWN_ORIGIN };

/** Where requests of `t.fetch` seem to go. */
const SITE = "https://some.convex.site";
const MAX_ITERATIONS = 100;

/** What `convexTest` returns, for nobody. */
export function createTestConvex<DataModel extends GenericDataModel>(
  world: TestWorld,
): TestConvexRoot<DataModel> {
  const registerComponent = (path: string, schema: unknown, modules: TestModules) => {
    world.registerComponent(path, schema, testModules(modules));
    return componentsGeneric()[path] as never;
  };
  return Object.assign(createAccessor(world, NOBODY) as unknown as InvexTest<DataModel>, {
    registerComponent,
  });
}

function createAccessor(world: TestWorld, caller: TestCaller) {
  const call = callerOf(world, caller);
  const { scheduler } = world.engine;
  return {
    query: call("query"),
    mutation: call("mutation"),
    action: call("action"),
    run: call("mutation"),
    explain: (reference: unknown, args?: unknown) => explainAs(world, caller, reference, args),
    fetch: (path: string, init?: RequestInit) => fetchAs(world, caller, path, init),
    jwks: async () => (await world.ready()).jwks(),
    finishInProgressScheduledFunctions: () => scheduler.idle(),
    finishAllScheduledFunctions: (advance: () => void, maxIterations = MAX_ITERATIONS) =>
      finishAll({ scheduler, clock: world.clock }, advance, maxIterations),
    withIdentity: (attributes: IdentityAttributes) => {
      const identity = completeIdentity(attributes);
      const origin = { ...caller.origin, authToken: unsignedToken(identity) };
      return createAccessor(world, { identity, origin });
    },
    withRequestMetadata: ({ ip, userAgent }: { ip?: string | null; userAgent?: string | null }) => {
      const metadata = { ip: ip ?? null, userAgent: userAgent ?? null };
      return createAccessor(world, { ...caller, origin: { ...caller.origin, ...metadata } });
    },
    subscribe: (
      query: unknown,
      args?: unknown,
      onResult?: (result: unknown) => void,
      onError?: (error: Error) => void,
    ) => subscribeAs(world, caller, { query, args, onResult, onError }),
    advance: async (duration: Duration) => {
      await Promise.all([world.ready(), world.deployCrons(), world.begun()]);
      return world.engine.advance(duration);
    },
    settle: async () => {
      await Promise.all([world.ready(), world.begun()]);
      return world.engine.settle();
    },
    fork: () => createTestConvex(world.fork()),
    get backend() {
      return world.backend;
    },
  };
}

function callerOf(world: TestWorld, { identity, origin }: TestCaller) {
  return (kind: "query" | "mutation" | "action") =>
    async (reference: unknown, args?: unknown): Promise<unknown> => {
      try {
        const engine = await world.ready();
        return await engine[kind](callable(reference, args), args, identity, origin);
      } catch (error) {
        throw thrownError(error);
      }
    };
}

async function explainAs(world: TestWorld, caller: TestCaller, reference: unknown, args: unknown) {
  try {
    const engine = await world.ready();
    return await engine.explain(callable(reference, args), args, caller);
  } catch (error) {
    throw thrownError(error);
  }
}

/** A registered function where a reference is expected is run as an inline one. */
function callable(reference: unknown, args: unknown): unknown {
  const handler = (reference as { readonly _handler?: unknown } | null)?._handler;
  if (typeof reference !== "function" || typeof handler !== "function") return reference;
  return (ctx: unknown) => handler(ctx, args ?? {});
}

async function fetchAs(
  world: TestWorld,
  { identity, origin }: TestCaller,
  path: string,
  init: RequestInit | undefined,
): Promise<Response> {
  if (!path.startsWith("/")) throw notAPath(path);
  const engine = await world.ready();
  const request = new Request(SITE + path, init);
  const response = await actionResponse(engine, request, { identity, origin });
  if (response !== undefined) return response;
  const { pathname } = new URL(request.url);
  if (await engine.ownsPath(pathname)) {
    return engine.fetch(new Request(world.backend.url + path, init), identity);
  }
  return new Response(`No HttpAction routed for ${pathname}`, { status: 404 });
}

async function actionResponse(engine: Engine, request: Request, caller: TestCaller) {
  try {
    return await engine.httpAction(request, caller);
  } catch (error) {
    throw thrownError(error);
  }
}

interface Subscribing {
  readonly query: unknown;
  readonly args: unknown;
  readonly onResult: ((result: unknown) => void) | undefined;
  readonly onError: ((error: Error) => void) | undefined;
}

function subscribeAs(
  world: TestWorld,
  { identity }: TestCaller,
  { query, args = {}, onResult, onError }: Subscribing,
) {
  const record = new SubscriptionRecord<unknown>();
  let own: QueryRequest | undefined;
  const begun = world.begin();
  const stopCounting = world.onQueryRun((run, readIdentity) => {
    if (own === undefined || callKey(run) !== callKey(own)) return;
    if (!readIdentity || run.identity?.key === own.identity?.key) record.onRun();
  });
  const stopListening = world.engine.subscribe({
    query,
    args,
    identity,
    onBegin: (request) => {
      own = request;
      begun();
    },
    onResult: (result) => {
      record.onResult(result);
      onResult?.(result);
    },
    onError: (error) => {
      begun();
      const thrown = thrownError(error) as Error;
      record.onError(thrown);
      onError?.(thrown);
    },
  });
  return testSubscription(record, () => {
    begun();
    stopCounting();
    stopListening();
  });
}

function notAPath(path: string): Error {
  return userError("ArgumentsInvalid", "Path given to `t.fetch` must start with a `/`", { path });
}
