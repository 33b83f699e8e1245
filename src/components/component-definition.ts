/**
 * What a `convex.config` says, read from its exported JSON: both authoring fronts write the same
 * (functions.md 2.4). Also the mark that the `use` of a definition asks for, which in Convex the
 * bundler leaves on it.
 */
import * as z from "zod/mini";
import { type InvexError, userError } from "../shared/errors";

/** An installed component: a name, a definition, and what it is told. */
export interface InstalledJSON {
  readonly name: string;
  /** The mark of its definition: see {@link markDefinition}. */
  readonly definition: string;
  readonly env: readonly (readonly [string, EnvValue])[];
  readonly httpPrefix: string | undefined;
}

/** A variable's value, or the variable of the installing side that has it. */
export type EnvValue =
  | { readonly type: "value"; readonly value: string }
  | { readonly type: "envVar"; readonly name: string };

/** A variable that a component declares. */
export interface DeclaredVariable {
  readonly name: string;
  readonly isOptional: boolean;
}

export interface DefinitionJSON {
  /** `undefined` for the app. */
  readonly name: string | undefined;
  /** Before the app's own HTTP routes, with slashes at both ends. */
  readonly httpPrefix: string | undefined;
  readonly installed: readonly InstalledJSON[];
  readonly variables: readonly DeclaredVariable[];
}

const envValue = z.union([
  z.object({ type: z.literal("value"), value: z.string() }),
  z.object({ type: z.literal("envVar"), name: z.string() }),
]);

const definitionShape = z.object({
  name: z.optional(z.string()),
  httpPrefix: z.optional(z.string()),
  childComponents: z.array(
    z.object({
      name: z.string(),
      path: z.string(),
      env: z.nullish(z.array(z.tuple([z.string(), envValue]))),
    }),
  ),
  httpMounts: z.record(z.string(), z.string()),
  envVars: z.nullish(
    z.array(z.tuple([z.string(), z.object({ optional: z.optional(z.boolean()) })])),
  ),
});

/** What `defineApp` and `defineComponent` make, as far as is needed here. */
interface Definition {
  readonly _isRoot: boolean;
  readonly _name?: string;
  componentDefinitionPath?: string;
  defaultName?: string;
  export(): unknown;
}

/**
 * Reads the definition that the `convex.config` of `where` exports.
 * @throws InvexError `ModuleInvalid` if it is none, or one of the wrong sort
 */
export function readDefinition(
  exported: unknown,
  sort: "app" | "component",
  where: string,
): DefinitionJSON {
  const definition = asDefinition(exported, where);
  if (definition._isRoot !== (sort === "app")) {
    const [is, wants] = definition._isRoot
      ? ["an app", "defineComponent()"]
      : ["a component", "defineApp()"];
    throw invalid(where, `defines ${is}. Use ${wants}.`);
  }
  const parsed = z.safeParse(definitionShape, definition.export());
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw invalid(where, `exports what cannot be read: ${issue?.message ?? "unknown"}`);
  }
  const { name, httpPrefix, childComponents, httpMounts, envVars } = parsed.data;
  const prefixes = Object.entries(httpMounts);
  return {
    name,
    httpPrefix,
    installed: childComponents.map((child) => ({
      name: child.name,
      definition: child.path,
      env: child.env ?? [],
      httpPrefix: prefixes.find(([, reference]) => reference.endsWith(`/${child.name}`))?.[0],
    })),
    variables: (envVars ?? []).map(([variable, { optional }]) => ({
      name: variable,
      isOptional: optional === true,
    })),
  };
}

/**
 * Leaves on a component's definition what `use` asks for, and what those who use it export as its
 * name. Several backends may read one definition, so it holds until the next `await` only.
 * @param mark one that no other definition of this backend has
 */
export function markDefinition(exported: unknown, mark: string): void {
  const definition = asDefinition(exported, mark);
  definition.componentDefinitionPath = mark;
  if (definition._name !== undefined) definition.defaultName ??= definition._name;
}

function asDefinition(exported: unknown, where: string): Definition {
  const candidate = exported as Partial<Definition> | null | undefined;
  if (typeof candidate?._isRoot === "boolean" && typeof candidate.export === "function") {
    return candidate as Definition;
  }
  throw invalid(
    where,
    "must export an app or a component: the result of defineApp() or defineComponent().",
  );
}

function invalid(where: string, what: string): InvexError {
  return userError("ModuleInvalid", `The convex.config of ${where} ${what}`, { where });
}
