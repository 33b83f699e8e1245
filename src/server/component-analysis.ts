/**
 * `export()` of apps and components: their declarations as JSON, in the form Convex's deploy reads.
 */

import type { InvexError } from "../shared/errors";
import { userError } from "../shared/errors";
import type { GenericValidator } from "../values/validator";
import { validatorToJson } from "../values/validator";
import type { ChildComponent, DefinitionRecord, ExportTree } from "./component-definition";
import { childReference } from "./component-references";

interface ComponentRecord extends DefinitionRecord {
  readonly _name: string;
  readonly _env: Record<string, GenericValidator>;
}

interface AppRecord extends DefinitionRecord {
  readonly _env?: Record<string, GenericValidator>;
  readonly _httpPrefix?: string;
}

/** The JSON of a component. */
export function exportComponent(this: ComponentRecord): object {
  const envVars = exportEnv(this._env);
  return {
    name: this._name,
    definitionType: { type: "childComponent", name: this._name, args: [] },
    ...exportCommon(this),
    ...(envVars.length === 0 ? {} : { envVars }),
  };
}

/** The JSON of an app. */
export function exportApp(this: AppRecord): object {
  const { _httpPrefix: httpPrefix, _env: env } = this;
  return {
    definitionType: { type: "app" },
    ...(httpPrefix === undefined ? {} : { httpPrefix: withTrailingSlash(httpPrefix) }),
    ...exportCommon(this),
    ...(env === undefined ? {} : { envVars: exportEnv(env) }),
  };
}

/** Throws unless an HTTP prefix, if given, begins with a slash. */
export function requireHttpPrefix(prefix: string | undefined): void {
  if (prefix === undefined || prefix.startsWith("/")) return;
  throw invalid(`httpPrefix must start with "/". Received: "${prefix}"`);
}

function exportCommon({ _childComponents: children, _exportTree: tree }: DefinitionRecord) {
  return {
    childComponents: children.map(exportChild),
    httpMounts: exportMounts(children),
    exports: exportBranch(tree),
  };
}

function exportChild([name, definition, env]: ChildComponent) {
  if (definition.componentDefinitionPath === undefined) throw notImported();
  const values = Object.entries(env).map(([key, value]) => [key, exportEnvValue(key, value)]);
  return { name, path: definition.componentDefinitionPath, args: [], env: values };
}

function exportEnvValue(name: string, value: unknown): object {
  if (typeof value === "string") return { type: "value", value };
  const referred = (value as { __envVarRef?: unknown } | null)?.__envVarRef;
  if (typeof referred === "string") return { type: "envVar", name: referred };
  throw invalid(
    `Env var "${name}" must be a string or an env var reference. Received: ${typeof value}`,
  );
}

function exportMounts(children: readonly ChildComponent[]): Record<string, string> {
  const mounts: Record<string, string> = {};
  for (const [name, , , prefix] of children) {
    if (prefix !== undefined) mounts[withTrailingSlash(prefix)] = childReference([name]);
  }
  return mounts;
}

function exportEnv(env: Record<string, GenericValidator>): [string, object][] {
  return Object.entries(env).map(([name, validator]) => [
    name,
    {
      type: "value",
      value: JSON.stringify(validatorToJson(validator)),
      ...(validator.isOptional === "optional" ? { optional: true } : {}),
    },
  ]);
}

function exportBranch(tree: ExportTree): object {
  const branch = Object.entries(tree).map(([key, node]) => [
    key,
    typeof node === "string" ? { type: "leaf", leaf: node } : exportBranch(node),
  ]);
  return { type: "branch", branch };
}

/** Nobody has loaded the component that is used. */
export function notImported(): InvexError {
  return invalid(
    "Component definition does not have the required componentDefinitionPath property. This code only works in Convex runtime.",
  );
}

function withTrailingSlash(prefix: string): string {
  return prefix.endsWith("/") ? prefix : `${prefix}/`;
}

function invalid(message: string): InvexError {
  return userError("ModuleInvalid", message);
}
