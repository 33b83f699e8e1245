/**
 * The types of what `convexTest` returns, under convex-test's names and as its documentation says,
 * and what Invex adds. Interchangeable with convex-test's own where users pass `t` around.
 */
import type { DeploymentJwk } from "../auth/deployment-key";
import type { Backend } from "../backend/types";
import type { Explanation } from "../explain/explanation";
import type { AdvanceReport } from "../scheduler/advance-report";
import type { UserIdentity } from "../server/authentication";
import type { GenericDataModel } from "../server/data-model";
import type { GenericActionCtx, GenericMutationCtx, GenericQueryCtx } from "../server/function-ctx";
import type {
  FunctionArgs,
  FunctionReference,
  FunctionReturnType,
  OptionalRestArgs,
} from "../server/function-reference";
import type { RequestMetadata } from "../server/meta";
import type {
  AnySchemaDefinition,
  DataModelFromSchemaDefinition,
} from "../server/schema-definition";
import type { Duration } from "../shared/duration";
import type { TestModules } from "./test-modules";
import type { TestSubscription } from "./test-subscription";

// biome-ignore lint/suspicious/noExplicitAny: a reference of either visibility, with any arguments and result
type AnyQuery = FunctionReference<"query", any>;
// biome-ignore lint/suspicious/noExplicitAny: a reference of either visibility, with any arguments and result
type AnyMutation = FunctionReference<"mutation", any>;
// biome-ignore lint/suspicious/noExplicitAny: a reference of either visibility, with any arguments and result
type AnyAction = FunctionReference<"action", any>;
// biome-ignore lint/suspicious/noExplicitAny: any result, which is inferred from the handler
type AnyPromise = Promise<any>;
// biome-ignore lint/suspicious/noExplicitAny: whatever ctx the handler asks for
type AnyCtx = any;

/** A JSON Web Key Set with one key. */
export interface DeploymentJwks {
  keys: DeploymentJwk[];
}

/** `t` of a schema. */
export type TestConvex<SchemaDef extends AnySchemaDefinition> = TestConvexRoot<
  DataModelFromSchemaDefinition<SchemaDef>
>;

/** What `t` and its versions for other users and requests have in common. */
export interface TestConvexForDataModel<DataModel extends GenericDataModel> {
  /**
   * Calls a query, public or internal, or runs `(ctx) => …` as one. A call without arguments passes
   * `{}`.
   * @throws what the function threw, itself
   */
  query: <QueryOrFunc extends AnyQuery | ((ctx: GenericQueryCtx<DataModel>) => AnyPromise)>(
    queryOrFunc: QueryOrFunc,
    ...args: QueryOrFunc extends AnyQuery ? OptionalRestArgs<QueryOrFunc> : []
  ) => Promise<
    QueryOrFunc extends AnyQuery
      ? FunctionReturnType<QueryOrFunc>
      : QueryOrFunc extends (ctx: AnyCtx) => Promise<infer Output>
        ? Output
        : never
  >;

  /** Calls a mutation, or runs `(ctx) => …` as one; see {@link query}. */
  mutation: <
    MutationOrFunc extends AnyMutation | ((ctx: GenericMutationCtx<DataModel>) => AnyPromise),
  >(
    mutationOrFunc: MutationOrFunc,
    ...args: MutationOrFunc extends AnyMutation ? OptionalRestArgs<MutationOrFunc> : []
  ) => Promise<
    MutationOrFunc extends AnyMutation
      ? FunctionReturnType<MutationOrFunc>
      : MutationOrFunc extends (ctx: AnyCtx) => Promise<infer Output>
        ? Output
        : never
  >;

  /** Calls an action, or runs `(ctx) => …` as one; see {@link query}. */
  action: <ActionOrFunc extends AnyAction | ((ctx: GenericActionCtx<DataModel>) => AnyPromise)>(
    actionOrFunc: ActionOrFunc,
    ...args: ActionOrFunc extends AnyAction ? OptionalRestArgs<ActionOrFunc> : []
  ) => Promise<
    ActionOrFunc extends AnyAction
      ? FunctionReturnType<ActionOrFunc>
      : ActionOrFunc extends (ctx: AnyCtx) => Promise<infer Output>
        ? Output
        : never
  >;

  /**
   * Runs `func` as one mutation with full access to documents and files, for seeding and assertions.
   * `fetch` and timers are not to be had inside.
   */
  run: <Output>(
    func: (
      ctx: GenericMutationCtx<DataModel> & Pick<GenericActionCtx<DataModel>, "storage">,
    ) => Promise<Output>,
  ) => Promise<Output>;

  /**
   * Calls the HTTP action a path and method lead to.
   * @param pathQueryFragment begins with `/`
   * @throws what the action threw, itself
   */
  fetch(pathQueryFragment: string, init?: RequestInit): Promise<Response>;

  /** Waits for the scheduled functions that run now to end. Starts none. */
  finishInProgressScheduledFunctions: () => Promise<void>;

  /**
   * Waits for all scheduled functions, and those that they schedule, to end; moves fake timers with
   * `advanceTimers` meanwhile, usually `vi.runAllTimers`.
   * @param maxIterations how often `advanceTimers` is tried with something left. Default 100.
   */
  finishAllScheduledFunctions: (advanceTimers: () => void, maxIterations?: number) => Promise<void>;

  /**
   * The public keys of tokens that `ctx.auth.signJwt` has signed, as `/.well-known/jwks.json` has
   * them.
   * @example
   * await jwtVerify(token, createLocalJWKSet(await t.jwks()));
   */
  jwks(): Promise<DeploymentJwks>;

  /**
   * `t` as a signed-in user; this one is not changed. What is missing of `subject`, `issuer` and
   * `tokenIdentifier` is made up.
   */
  withIdentity(identity: Partial<UserIdentity>): InvexTest<DataModel>;

  /** `t` with what `ctx.meta.getRequestMetadata()` says; what is not given is `null`. */
  withRequestMetadata(
    metadata: Partial<Pick<RequestMetadata, "ip" | "userAgent">>,
  ): InvexTest<DataModel>;
}

/** What convex-test has not. */
export interface InvexTestExtras<DataModel extends GenericDataModel> {
  /**
   * Subscribes to a query. What it returns ends the subscription when called, and tells what came of
   * it: see {@link TestSubscription}.
   */
  subscribe<Query extends AnyQuery>(
    query: Query,
    args?: FunctionArgs<Query>,
    onResult?: (result: FunctionReturnType<Query>) => void,
    onError?: (error: Error) => void,
  ): TestSubscription<FunctionReturnType<Query>>;

  /**
   * Runs a query, or a mutation that is rolled back, as this user, and tells what it read and which
   * index would help: `backend.explain`, which says more.
   */
  explain: <
    FnOrFunc extends AnyQuery | AnyMutation | ((ctx: GenericQueryCtx<DataModel>) => AnyPromise),
  >(
    fnOrFunc: FnOrFunc,
    ...args: FnOrFunc extends AnyQuery | AnyMutation ? OptionalRestArgs<FnOrFunc> : []
  ) => Promise<Explanation>;

  /**
   * Moves the backend's time forward and runs every scheduled function and cron that falls due, in
   * order, each at its own time and to its end. Needs no fake timers; the test's own time stays.
   * Crons are deployed by the first call: intervals run then for the first time.
   */
  advance(duration: Duration): Promise<AdvanceReport>;

  /** Runs what is due now until nothing is. Resolves when subscriptions have heard of all commits. */
  settle(): Promise<AdvanceReport>;

  /** An independent copy with the same documents, files and jobs, in microseconds. */
  fork(): TestConvexRoot<DataModel>;

  /** The backend below, with everything that `createBackend` offers. Errors come as it words them. */
  readonly backend: Backend<unknown, unknown, DataModel>;
}

/** `t` of a user or request. */
export interface InvexTest<DataModel extends GenericDataModel>
  extends TestConvexForDataModel<DataModel>,
    InvexTestExtras<DataModel> {}

/** What `convexTest` returns. */
export interface TestConvexRoot<DataModel extends GenericDataModel> extends InvexTest<DataModel> {
  /**
   * Adds a component, so that functions under test can call it as `components.<path>`.
   * @param componentPath its name; one inside another as `parent/child`
   * @param schema the component's; without one its documents are not checked
   * @returns references to its functions, of the type asked for
   */
  registerComponent: <ComponentApi = unknown>(
    componentPath: string,
    // Of any version of `convex`: newer ones have validators that older ones and Invex do not know.
    schema: { readonly tables: object },
    glob: TestModules,
  ) => ComponentApi;
}

/** @deprecated An old name of {@link TestConvexRoot}. */
export type TestConvexForDataModelAndIdentity<DataModel extends GenericDataModel> =
  TestConvexRoot<DataModel>;
