/** As `convex codegen` would write it. */
import { type ApiFromModules, anyApi, componentsGeneric, type FilterApi, type FunctionReference } from "convex/server";
import type * as actions from "../actions";
import type * as jobs from "../jobs";
import type * as notes from "../notes";
import type * as who from "../who";

type All = ApiFromModules<{
  actions: typeof actions;
  jobs: typeof jobs;
  notes: typeof notes;
  who: typeof who;
}>;
// biome-ignore lint/suspicious/noExplicitAny: as Convex generates it
export const api = anyApi as unknown as FilterApi<All, FunctionReference<any, "public">>;
// biome-ignore lint/suspicious/noExplicitAny: as Convex generates it
export const internal = anyApi as unknown as FilterApi<All, FunctionReference<any, "internal">>;
// biome-ignore lint/suspicious/noExplicitAny: components have no generated types here
export const components = componentsGeneric() as any;
