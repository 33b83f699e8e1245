/**
 * `convex.config.ts`: an app or a component, the components installed in it, and the environment
 * variables they take. Declarations only: instances are made by the backend that reads them.
 */

import type { InvexError } from "../shared/errors";
import { userError } from "../shared/errors";
import type {
  Expand,
  GenericValidator,
  Infer,
  Validator,
  VLiteral,
  VOptional,
  VString,
  VUnion,
} from "../values/validator";
import { isValidator } from "../values/validator";
import { exportApp, exportComponent, notImported, requireHttpPrefix } from "./component-analysis";
import { childReference, componentExports } from "./component-references";
import { toReferencePath } from "./function-address";
import type { FunctionReference } from "./function-reference";

interface ComponentExports {
  // biome-ignore lint/suspicious/noExplicitAny: functions of every kind
  [key: string]: FunctionReference<any, any, any, any> | ComponentExports;
}

// biome-ignore lint/suspicious/noExplicitAny: a bound that every component passes
type AnyComponent = ComponentDefinition<any, any>;

/** Validators an environment variable can have: those of strings. */
export type StringLikeValidator =
  | VString<string, "required">
  | VLiteral<string, "required">
  // biome-ignore lint/suspicious/noExplicitAny: members of every type that make a string
  | VUnion<string, Validator<any, "required", any>[], "required">;

/** Environment variables by name. */
export type EnvDefinition = Record<string, StringLikeValidator | VOptional<StringLikeValidator>>;

// biome-ignore lint/suspicious/noExplicitAny: optional validators of every type
type OptionalValidator = Validator<any, "optional", any>;

/** The values of declared environment variables, as `process.env` has them. */
export type EnvFromDefinition<E extends EnvDefinition> = Expand<
  { [K in keyof E as E[K] extends OptionalValidator ? never : K]: Infer<E[K]> } & {
    [K in keyof E as E[K] extends OptionalValidator ? K : never]?: Infer<E[K]> | undefined;
  }
>;

/** Stands for a variable of the installing app or component: `app.env.API_KEY`. */
export type EnvRef<K extends string = string> = { __envVarRef: K };

/** References to declared environment variables. */
export type EnvRefFromDefinition<E extends EnvDefinition> = {
  [K in keyof E & string]: EnvRef<K>;
};

/** {@link EnvFromDefinition} of an app. */
export type EnvFromAppDefinition<A> =
  A extends AppDefinition<infer E> ? EnvFromDefinition<E> : Record<string, never>;

type EnvValues<E extends EnvDefinition> = Expand<
  { [K in keyof E as E[K] extends OptionalValidator ? never : K]: Infer<E[K]> | EnvRef } & {
    [K in keyof E as E[K] extends OptionalValidator ? K : never]?: Infer<E[K]> | EnvRef | undefined;
  }
>;

type RequiredEnvKeys<E extends EnvDefinition> = {
  [K in keyof E]: E[K] extends OptionalValidator ? never : K;
}[keyof E];

type UseOptions = {
  /** Name of the instance. Default: the component's own. */
  name?: string;
  /** Serves the component's HTTP routes under this path. Default: they are not served. */
  httpPrefix?: string;
};

type UseArgs<Definition extends AnyComponent> =
  RequiredEnvKeys<Definition["__env"]> extends never
    ? [options?: UseOptions & { env?: EnvValues<Definition["__env"]> }]
    : [options: UseOptions & { env: EnvValues<Definition["__env"]> }];

/** An installed component. */
interface InstalledComponent<Definition extends AnyComponent> {
  /** References to what the component exports. */
  get exports(): Definition["__exports"];
}

/** A component, made by {@link defineComponent}. */
export type ComponentDefinition<
  // biome-ignore lint/suspicious/noExplicitAny: exports of every shape
  Exports extends ComponentExports = any,
  // biome-ignore lint/complexity/noBannedTypes: no variables
  Env extends EnvDefinition = {},
> = {
  /** Installs a component in this one. */
  use<Definition extends AnyComponent>(
    definition: Definition,
    ...args: UseArgs<Definition>
  ): InstalledComponent<Definition>;
  /** Not to be called: makes definitions comparable with `convex`'s, like `insert` in `database.ts`. */
  use(definition: never, options: never, overload: never): unknown;
  /** In types only. */
  __exports: Exports;
  /** References to the declared environment variables, to be passed to child components. */
  env: EnvRefFromDefinition<Env>;
  /** In types only. */
  __env: Env;
};

/** An app, made by {@link defineApp}. */
export type AppDefinition<Env extends EnvDefinition = EnvDefinition> = {
  /** Installs a component in this app. */
  use<Definition extends AnyComponent>(
    definition: Definition,
    ...args: UseArgs<Definition>
  ): InstalledComponent<Definition>;
  /** Not to be called: makes definitions comparable with `convex`'s, like `insert` in `database.ts`. */
  use(definition: never, options: never, overload: never): unknown;
  /** References to the declared environment variables, to be passed to components. */
  env: EnvRefFromDefinition<Env>;
  /** In types only. */
  __env: Env;
};

/** `[instance name, definition, environment values, HTTP prefix]` of an installed component. */
export type ChildComponent = [
  name: string,
  definition: ImportedDefinition,
  env: Record<string, unknown>,
  httpPrefix: string | undefined,
];

/** What whoever loads a `convex.config` sets on the definition it exports, before others use it. */
export interface ImportedDefinition {
  /**
   * Asked for when a `convex.config` is exported. Convex's own `use` asks for it at once; here a
   * component may be used before anybody has loaded it for the backend.
   */
  componentDefinitionPath?: string;
  defaultName?: string;
  readonly _isRoot?: boolean;
  readonly _name?: string;
}

/** Branches by name; leaves are reference paths. */
export interface ExportTree {
  [key: string]: string | ExportTree;
}

/** What apps and components have in common at run time. */
export interface DefinitionRecord {
  readonly _childComponents: ChildComponent[];
  readonly _exportTree: ExportTree;
}

/**
 * Defines a component.
 *
 * @param name - what instances are called unless `use` says otherwise.
 * @throws if an environment variable is declared without a validator.
 *
 * @example
 * const component = defineComponent("mailer", { env: { API_KEY: v.string() } });
 * export default component;
 */
export function defineComponent<
  // biome-ignore lint/suspicious/noExplicitAny: exports of every shape
  Exports extends ComponentExports = any,
  // biome-ignore lint/complexity/noBannedTypes: no variables
  const Env extends EnvDefinition = {},
>(name: string, options?: { env?: Env }): ComponentDefinition<Exports, Env> {
  const env = checkedEnv(options?.env) ?? {};
  const definition = {
    _isRoot: false,
    _name: name,
    _env: env,
    _childComponents: [],
    _exportTree: {},
    env: envReferences(`component "${name}"`, "defineComponent", env),
    export: exportComponent,
    use,
  };
  return definition as unknown as ComponentDefinition<Exports, Env>;
}

/**
 * Defines the app: what is installed in it, and under which path its HTTP routes are served.
 *
 * @example
 * const app = defineApp({ env: { MAILER_KEY: v.string() } });
 * app.use(mailer, { env: { API_KEY: app.env.MAILER_KEY } });
 * export default app;
 */
export function defineApp<Env extends EnvDefinition = EnvDefinition>(options?: {
  httpPrefix?: string;
  env?: Env;
}): AppDefinition<Env> {
  const { httpPrefix } = options ?? {};
  requireHttpPrefix(httpPrefix);
  const env = checkedEnv(options?.env);
  const definition = {
    _isRoot: true,
    _childComponents: [],
    _exportTree: {},
    ...(httpPrefix === undefined ? {} : { _httpPrefix: httpPrefix }),
    ...(env === undefined ? {} : { _env: env }),
    env: envReferences("this app", "defineApp", env ?? {}),
    export: exportApp,
    use,
  };
  return definition as unknown as AppDefinition<Env>;
}

function use(
  this: DefinitionRecord,
  definition: ImportedDefinition,
  options: { name?: string; httpPrefix?: string; env?: Record<string, unknown> } = {},
): object {
  const name = instanceName(definition, options.name);
  requireHttpPrefix(options.httpPrefix);
  const given = Object.entries(options.env ?? {}).filter(([, value]) => value !== undefined);
  const child: ChildComponent = [name, definition, Object.fromEntries(given), options.httpPrefix];
  this._childComponents.push(child);
  return {
    [toReferencePath]: childReference([name]),
    get exports() {
      return componentExports(name);
    },
  };
}

function instanceName(definition: ImportedDefinition, given: string | undefined): string {
  const { componentDefinitionPath: path, defaultName, _name: ownName, _isRoot } = definition;
  if (typeof path !== "string" && _isRoot !== false) throw notImported();
  const name: unknown = given ?? defaultName ?? path?.split("/").pop() ?? ownName;
  if (typeof name !== "string") {
    throw invalid(`Component name must be a string. Received: ${typeof name}`);
  }
  if (name === "") throw invalid("Component name cannot be empty.");
  return name;
}

function checkedEnv(env: EnvDefinition | undefined): Record<string, GenericValidator> | undefined {
  if (env === undefined) return undefined;
  for (const [name, validator] of Object.entries(env)) {
    if (isValidator(validator)) continue;
    throw invalid(
      `Environment variable "${name}" must be defined with a validator (e.g. v.string()).`,
    );
  }
  return { ...env };
}

function envReferences(
  owner: string,
  definer: string,
  declared: Record<string, GenericValidator>,
): object {
  return new Proxy(
    {},
    {
      get(_target, name) {
        if (typeof name !== "string") return undefined;
        if (Object.hasOwn(declared, name)) return { __envVarRef: name };
        throw invalid(
          `Env var "${name}" is not declared on ${owner}. Add it to the \`env\` option of ${definer}.`,
        );
      },
    },
  );
}

function invalid(message: string): InvexError {
  return userError("ModuleInvalid", message);
}
