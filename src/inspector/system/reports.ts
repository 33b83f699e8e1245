/**
 * What is not in the database, told when asked for: functions, live queries, explanations. As texts of
 * JSON, because reports hold what Convex's values cannot: fields without a value, names of any form.
 */
import type { IdentityAttributes } from "../../auth/identity";
import { completeIdentity } from "../../auth/identity";
import type { Explanation } from "../../explain/explanation";
import type { LiveQueryReport } from "../../explain/live-query-report";
import type { FunctionRegistry } from "../../functions/registry";
import { lookUpCall } from "../../sync/call-lookup";
import { NOBODY } from "../../sync/sync-caller";
import { convexToJson } from "../../values/convex-json";
import { v } from "../../values/v";
import { isArrayBuffer, type Value } from "../../values/value";
import { systemAction } from "./system-function";

/** Every function of every component. Loads all modules; what cannot be loaded is told. */
export const functions = systemAction("functions", {}, async (_args, { inside }) => {
  const registries = [...inside.directory.registries];
  return JSON.stringify(await Promise.all(registries.map(describeFunctions)));
});

async function describeFunctions(registry: FunctionRegistry) {
  const { component } = registry;
  try {
    const found = await registry.listFunctions();
    const functions = found.map(({ path, kind, visibility, argsJSON, returnsJSON }) => ({
      path: path.display,
      kind,
      visibility: visibility ?? "internal",
      args: argsJSON,
      returns: returnsJSON,
    }));
    return { component, functions };
  } catch (error) {
    return { component, functions: [], error: (error as Error).message };
  }
}

const SHOWN_LIVE_QUERIES = 500;

/** What is listened to, the app's and the inspectors' own; of each the ones that ran most often. */
export const liveQueries = systemAction("liveQueries", {}, (_args, host) => {
  const { app, inspector } = host.liveQueries();
  return JSON.stringify({ app: describeLive(app), inspector: describeLive(inspector) });
});

function describeLive(reports: readonly LiveQueryReport[]) {
  const sorted = [...reports].sort((a, b) => b.rerunCount - a.rerunCount);
  const queries = sorted.slice(0, SHOWN_LIVE_QUERIES).map(({ args, reads, reruns, ...report }) => ({
    ...report,
    args: convexToJson(args),
    reads: reads.map(({ text }) => text),
    reruns: reruns.slice(-5).map(({ because, changed }) => ({
      changed,
      because: because.slice(0, 5).map(({ read, ts, ...touch }) => ({
        ...touch,
        ts: String(ts),
        read: read.text,
      })),
    })),
  }));
  return { total: reports.length, queries };
}

/** What `backend.explain` tells of a query or a mutation. */
export const explain = systemAction(
  "explain",
  {
    component: v.string(),
    function: v.string(),
    kind: v.union(v.literal("query"), v.literal("mutation")),
    args: v.any(),
    identity: v.optional(v.any()),
  },
  async ({ component, function: udfPath, kind, args, identity }, { inside, createRequestId }) => {
    const caller = {
      ...NOBODY,
      isAdmin: true,
      identity: identity === undefined ? null : completeIdentity(identity as IdentityAttributes),
    };
    const wire = { udfPath, args: [convexToJson(args as Value)], componentPath: component };
    const requestId = createRequestId();
    const call = await lookUpCall(inside.directory, kind, wire, caller, requestId);
    return printExplanation(await inside.explainer.explain(call));
  },
);

function printExplanation({ result, ...explanation }: Explanation): string {
  const told = result.ok
    ? { ok: true, value: convexToJson(result.value as Value) }
    : { ok: false, error: result.error.message };
  return JSON.stringify({ ...explanation, result: told }, plain);
}

/** What JSON has no form for: values of documents within a report. */
function plain(_key: string, value: unknown): unknown {
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "object" && value !== null && isArrayBuffer(value)) return "(bytes)";
  return value;
}
