/**
 * The component instances that an app's `convex.config` asks for, found by following what it
 * installs, and what that installs. Loads nothing: definitions and their sources are given.
 */
import { userError } from "../shared/errors";
import type {
  DeclaredVariable,
  DefinitionJSON,
  EnvValue,
  InstalledJSON,
} from "./component-definition";
import type { ComponentInstance } from "./component-instance";
import { assertComponentPath, childPath } from "./component-path";

/** A component's definition with what is beside it. */
export interface DefinedComponent<Source> {
  readonly definition: DefinitionJSON;
  readonly source: Source;
}

type Env = Readonly<Record<string, string>>;

/**
 * @param app the app's own definition
 * @param components by the mark of their definitions
 * @param env the app's variables
 * @returns parents before children
 * @throws InvexError `ModuleInvalid`: unknown definition, name taken twice, cycle, or variables that
 * do not fit the declaration; names the instance's path
 */
export function configuredInstances<Source>(
  app: DefinitionJSON,
  components: ReadonlyMap<string, DefinedComponent<Source>>,
  env: Env,
): ComponentInstance<Source>[] {
  const instances: ComponentInstance<Source>[] = [];
  const visit = (parent: string, installed: readonly InstalledJSON[], parentEnv: Env) => {
    const names = new Set<string>();
    for (const child of installed) {
      const path = childPath(parent, child.name);
      assertComponentPath(path);
      if (names.has(child.name)) throw installedTwice(path);
      names.add(child.name);
      if (instances.length >= MAX_INSTANCES) throw tooMany(path);
      const known = components.get(child.definition);
      if (known === undefined) throw sourceMissing(path);
      const { definition, source } = known;
      const own = envOf(path, child.env, definition.variables, parentEnv);
      instances.push({ path, source, schema: undefined, env: own, httpPrefix: child.httpPrefix });
      visit(path, definition.installed, own);
    }
  };
  visit("", app.installed, env);
  return instances;
}

/** More than an app has; a component that installs itself is found out here. */
const MAX_INSTANCES = 1000;

/** A variable that the installing side has not set is not set here either. */
function envOf(
  path: string,
  given: readonly (readonly [string, EnvValue])[],
  declared: readonly DeclaredVariable[],
  parent: Env,
): Env {
  const values = new Map(given);
  for (const name of values.keys()) {
    if (!declared.some((variable) => variable.name === name)) throw undeclared(path, name);
  }
  for (const { name, isOptional } of declared) {
    if (!isOptional && !values.has(name)) throw notGiven(path, name);
  }
  const env: Record<string, string> = {};
  for (const [name, value] of values) {
    const text = value.type === "value" ? value.value : parent[value.name];
    if (text !== undefined) env[name] = text;
  }
  return env;
}

function installedTwice(path: string) {
  return userError(
    "ModuleInvalid",
    `Two components are installed as "${path}". Give one of them another name: use(component, { name }).`,
    { component: path },
  );
}

function tooMany(path: string) {
  return userError(
    "ModuleInvalid",
    `More than ${MAX_INSTANCES} component instances, the last one "${path}". Does a component install itself?`,
    { component: path },
  );
}

function sourceMissing(path: string) {
  return userError(
    "ModuleInvalid",
    `The component "${path}" is installed in a convex.config, but its modules are not in the modules map. Add its folder to the map, or list every component in the option \`components\`.`,
    { component: path },
  );
}

function undeclared(path: string, name: string) {
  return userError(
    "ModuleInvalid",
    `The component "${path}" is given the environment variable "${name}", which it does not declare.`,
    { component: path, variable: name },
  );
}

function notGiven(path: string, name: string) {
  return userError(
    "ModuleInvalid",
    `The component "${path}" declares the environment variable "${name}" and is not given it: use(component, { env: { ${name}: … } }).`,
    { component: path, variable: name },
  );
}
