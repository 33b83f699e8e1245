/**
 * The component instances of one engine, the app among them: their tables, functions, crons and
 * variables. Instances are added, never removed.
 */
import type { ComponentMounts } from "../components/component-mounts";
import { assertComponentPath } from "../components/component-path";
import type { Catalog } from "../db/catalog";
import { type NumberedTable, openNamespace, type SystemTable } from "../db/open-namespace";
import { ComponentDirectory } from "../functions/component-directory";
import { FunctionRegistry } from "../functions/registry";
import { sealEnv } from "../functions/sandbox/execution";
import type { ComponentCrons } from "../scheduler/startup";
import { checkSchema } from "../server/schema-check";
import { exportSchema, type SchemaJSON } from "../server/schema-json";
import { must } from "../shared/assert";
import { InvexError, isInvexError, userError } from "../shared/errors";
import type { LoadedComponent } from "./loaded-component";

type Env = Readonly<Record<string, string>>;

interface MountedOptions {
  readonly catalog: Catalog;
  readonly mounts: ComponentMounts;
  readonly url: string;
  readonly systemTables: readonly SystemTable[];
  /** The tables that a component had before. */
  readonly tablesBefore?: ((component: string) => readonly NumberedTable[]) | undefined;
}

export class MountedComponents {
  readonly directory = new ComponentDirectory([]);
  readonly mounts: ComponentMounts;
  readonly #options: MountedOptions;
  readonly #envs = new Map<string, Env>();
  readonly #crons: ComponentCrons[] = [];

  /** @param options `catalog` gets the tables of what is added */
  constructor(options: MountedOptions) {
    this.#options = options;
    this.mounts = options.mounts;
  }

  /** The app's own functions. */
  get app(): FunctionRegistry {
    return must(this.directory.registryOf(""), "there is no app");
  }

  /** The crons that run from the start. */
  get crons(): readonly ComponentCrons[] {
    return this.#crons;
  }

  /** @throws InvexError `SchemaInvalid`, `OptionsInvalid` when the path is taken */
  add({ path, modules, schema, crons, env }: LoadedComponent): void {
    if (path !== "") assertComponentPath(path);
    if (this.directory.registryOf(path) !== undefined) throw taken(path);
    const { catalog, systemTables, tablesBefore } = this.#options;
    const before = tablesBefore?.(path);
    const namespace = openNamespace(path, schemaOf(path, schema), systemTables, before);
    catalog.add(namespace);
    this.directory.add(new FunctionRegistry({ modules, ids: namespace, component: path }));
    this.#envs.set(path, this.#envOf(path, env));
    if (crons !== undefined) this.#crons.push({ component: path, exported: crons });
  }

  /** `process.env` inside a component. */
  envOf(component: string): Env {
    return this.#envs.get(component) ?? NO_ENV;
  }

  /** The same instances over a copy of their tables. O(instances), and O(modules) to reload. */
  fork(catalog: Catalog, modules: "loaded" | "reloaded"): MountedComponents {
    const fork = new MountedComponents({ ...this.#options, catalog, tablesBefore: undefined });
    for (const registry of this.directory.registries) {
      const ids = catalog.of(registry.component);
      fork.directory.add(modules === "loaded" ? registry.fork(ids) : registry.reload(ids));
    }
    for (const [path, env] of this.#envs) fork.#envs.set(path, env);
    fork.#crons.push(...this.#crons);
    return fork;
  }

  #envOf(path: string, env: Env): Env {
    const { url } = this.#options;
    const siteUrl = url + this.mounts.sitePath(path);
    return sealEnv({ ...env, CONVEX_CLOUD_URL: url, CONVEX_SITE_URL: siteUrl });
  }
}

const NO_ENV = sealEnv({});

function schemaOf(path: string, schema: unknown): SchemaJSON | undefined {
  if (schema === undefined) return undefined;
  try {
    return checkedSchema(schema as object);
  } catch (cause) {
    if (path === "" || !isInvexError(cause)) throw cause;
    const message = `The schema of component "${path}" is invalid: ${cause.message}`;
    throw new InvexError(cause.code, message, {
      fields: { ...cause.fields, component: path },
      cause,
    });
  }
}

/** Exported and checked once for each schema object: tests make many backends of one. */
const checkedSchemas = new WeakMap<object, SchemaJSON>();

function checkedSchema(schema: object): SchemaJSON {
  let json = checkedSchemas.get(schema);
  if (json === undefined) {
    json = exportSchema(schema);
    checkSchema(json);
    checkedSchemas.set(schema, json);
  }
  return json;
}

function taken(path: string) {
  return userError("OptionsInvalid", `There is a component "${path}" already.`, {
    component: path,
  });
}
