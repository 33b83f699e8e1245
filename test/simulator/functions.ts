/** The functions of a simulated backend: interpreters of the programs in their arguments. */
import {
  actionGeneric,
  cronJobs,
  defineSchema,
  defineTable,
  httpActionGeneric,
  httpRouter,
  makeFunctionReference,
  mutationGeneric,
  queryGeneric,
} from "invex/server";
import { ConvexError, v } from "invex/values";
import { ActionAccess, CtxAccess, seenOf } from "./ctx-access";
import type { Execution } from "./history";
import { interpret, type Seen, textOf } from "./interpreter";
import type { Program } from "./step";

export const schema = defineSchema({
  items: defineTable({
    a: v.number(),
    b: v.optional(v.union(v.string(), v.number(), v.null())),
    n: v.number(),
  })
    .index("by_a", ["a"])
    .index("by_b_a", ["b", "a"]),
  /** One document for each execution that has committed, by which its commit is known. */
  marks: defineTable({ n: v.number() }),
});

/** What a function of a program is called with. */
export interface ProgramArgs {
  readonly program: Program;
  readonly tag?: string;
  readonly ticket?: string;
  /** Which backend runs it, where that is a fork. */
  readonly line?: string;
}

export interface NestedArgs {
  readonly program: Program;
  readonly n: number;
  readonly path: string;
}

/** What functions need of the world around them. */
export interface FunctionsHost {
  begin(kind: Execution["kind"], args: ProgramArgs): Execution;
  execution(n: number): Execution | undefined;
  /** Waits until whoever drives the world lets it go on. `undefined`: it may at once. */
  pause(): Promise<void> | undefined;
  /** Counted, so that it is known when nothing runs any more. */
  queryBegins(): () => void;
}

export const CRON_INTERVAL_S = 20;

const CRON_PROGRAM: Program = [{ do: "insert", fields: { a: 9, n: 1 } }];

export function createModules(host: FunctionsHost, hasCrons: boolean) {
  const nested = async (ctx: unknown, ...[args]: readonly unknown[]) => {
    const { program, n, path } = args as NestedArgs;
    const access = new CtxAccess(ctx, host.execution(n), () => host.pause());
    return told(interpret(program, access, path));
  };
  const m = {
    mutation: mutationGeneric((ctx, ...[args]) => runMutation(host, ctx, programArgs(args))),
    query: queryGeneric(async (ctx, ...[args]) => {
      const { program } = programArgs(args);
      const end = host.queryBegins();
      try {
        return await told(interpret(program, new CtxAccess(ctx, undefined, () => host.pause())));
      } finally {
        end();
      }
    }),
    action: actionGeneric(async (ctx, ...[args]) => {
      const execution = host.begin("action", programArgs(args));
      const access = new ActionAccess(ctx, execution, () => host.pause());
      return told(noted(execution, interpret(execution.program, access)));
    }),
    nestedMutation: mutationGeneric(nested),
    nestedQuery: queryGeneric(nested),
  };
  return hasCrons
    ? { m, http: httpModule(), crons: { default: crons() } }
    : { m, http: httpModule() };
}

/** Nothing is validated: the simulation itself makes all arguments. */
function programArgs(args: unknown): ProgramArgs {
  return args as ProgramArgs;
}

/** One mutation, which leaves a mark in what it commits. Also the body of inline ones. */
export async function runMutation(
  host: FunctionsHost,
  ctx: unknown,
  args: ProgramArgs,
): Promise<Seen> {
  const execution = host.begin("mutation", args);
  const access = new CtxAccess(ctx, execution, () => host.pause());
  return told(
    noted(execution, interpret(args.program, access), async () => {
      // A job and a client's request are written down by the engine, whatever the program does.
      const isRecorded = execution.hasWritten || /^[jcK]/.test(execution.tag);
      const { db } = ctx as { db: { insert(table: string, fields: object): Promise<unknown> } };
      if (isRecorded) await db.insert("marks", { n: execution.n });
    }),
  );
}

/** Keeps how an execution ended, and what it had seen. */
async function noted(
  execution: Execution,
  run: Promise<Seen>,
  finish?: () => Promise<void>,
): Promise<Seen> {
  try {
    const seen = await run;
    await finish?.();
    execution.seen = textOf(seen);
    execution.end = "returned";
    return seen;
  } catch (error) {
    execution.seen = textOf(seenOf(error) ?? String(error));
    execution.end = "failed";
    throw error;
  }
}

/** What a failing program has seen becomes part of its error. */
async function told(run: Promise<Seen>): Promise<Seen> {
  try {
    return await run;
  } catch (error) {
    const seen = seenOf(error);
    throw seen === undefined ? error : new ConvexError(seen);
  }
}

function crons() {
  const jobs = cronJobs();
  const mutation = makeFunctionReference<"mutation">("m:mutation");
  const args = { program: CRON_PROGRAM, tag: "K" };
  jobs.interval("tick", { seconds: CRON_INTERVAL_S }, mutation, args as never);
  return jobs;
}

/** `/run` runs the program in its body as a mutation. */
function httpModule() {
  const http = httpRouter();
  const mutation = makeFunctionReference<"mutation">("m:mutation");
  const handler = httpActionGeneric(async (ctx, request) => {
    try {
      const seen = await ctx.runMutation(mutation, (await request.json()) as never);
      return new Response(textOf(seen));
    } catch (error) {
      const seen = seenOf(error);
      if (seen === undefined) throw error;
      return new Response(textOf(seen), { status: 409 });
    }
  });
  http.route({ path: "/run", method: "POST", handler });
  return { default: http };
}
