/**
 * From options to what an engine is made of: finds the app and every component instance, by the
 * option `components` or by the app's `convex.config`, and loads what their modules hold by name.
 * At once when nothing has to be imported.
 */
import { markDefinition, readDefinition } from "../components/component-definition";
import type { ComponentInstance } from "../components/component-instance";
import { ComponentMounts } from "../components/component-mounts";
import { configuredInstances, type DefinedComponent } from "../components/configured-instances";
import { listedInstances } from "../components/listed-instances";
import { componentFolders } from "../functions/component-folders";
import { ModuleMap, type Modules } from "../functions/module-map";
import { InvexError } from "../shared/errors";
import type { LoadedComponent } from "./loaded-component";
import type { ParsedOptions } from "./options";

export interface LoadedBackend {
  /** The app first, parents before children. */
  readonly components: readonly LoadedComponent[];
  readonly mounts: ComponentMounts;
}

/** @throws InvexError `OptionsInvalid`, `ModuleInvalid`; or rejects with it */
export function loadBackend(options: ParsedOptions): LoadedBackend | Promise<LoadedBackend> {
  const modules = new ModuleMap(options.modules);
  const { env, schema } = options;
  const app = { path: "", source: modules, schema, env, httpPrefix: undefined };
  if (options.components === undefined && modules.hasSpecial("convex.config")) {
    return loadConfigured(app, options.modules);
  }
  const instances = listedInstances(options.components ?? {}).map((instance) => ({
    ...instance,
    source: new ModuleMap(instance.source as Modules),
  }));
  return loadAll(app, instances, new ComponentMounts(instances));
}

type Instance = ComponentInstance<ModuleMap>;

function loadAll(
  app: Instance,
  instances: readonly Instance[],
  mounts: ComponentMounts,
): LoadedBackend | Promise<LoadedBackend> {
  const loaded = [app, ...instances].map(loadInstance);
  if (!loaded.some((each) => each instanceof Promise)) {
    return { components: loaded as LoadedComponent[], mounts };
  }
  return Promise.all(loaded).then((components) => ({ components, mounts }));
}

function loadInstance(instance: Instance): LoadedComponent | Promise<LoadedComponent> {
  const { path, source: modules, env } = instance;
  const schema = instance.schema ?? modules.special("schema");
  const crons = modules.special("crons");
  if (!(schema instanceof Promise || crons instanceof Promise)) {
    return { path, modules, schema, crons, env };
  }
  return Promise.all([schema, crons]).then(([loadedSchema, loadedCrons]) => {
    return { path, modules, schema: loadedSchema, crons: loadedCrons, env };
  });
}

/** Definitions of components first: an app that is read before them cannot use them. */
async function loadConfigured(app: Instance, modules: Modules): Promise<LoadedBackend> {
  const found: FoundComponent[] = [];
  for (const [folder, part] of componentFolders(modules, app.source.root)) {
    const source = new ModuleMap(part, { root: folder });
    const exported = await loadConfig(source, folder);
    markDefinition(exported, folder);
    found.push({ folder, exported, source });
  }
  const definition = await loadConfig(app.source, "the app");
  const { httpPrefix, instances } = readConfigured(definition, found, app.env);
  return loadAll(app, instances, new ComponentMounts(instances, httpPrefix));
}

interface FoundComponent {
  readonly folder: string;
  readonly exported: unknown;
  readonly source: ModuleMap;
}

/** Not to be interrupted: the marks are shared with other backends. */
function readConfigured(
  exported: unknown,
  found: readonly FoundComponent[],
  env: Readonly<Record<string, string>>,
) {
  for (const component of found) markDefinition(component.exported, component.folder);
  const app = readDefinition(exported, "app", "the app");
  const defined = new Map<string, DefinedComponent<ModuleMap>>();
  for (const { folder, exported: component, source } of found) {
    defined.set(folder, { definition: readDefinition(component, "component", folder), source });
  }
  return { httpPrefix: app.httpPrefix, instances: configuredInstances(app, defined, env) };
}

async function loadConfig(modules: ModuleMap, where: string): Promise<unknown> {
  try {
    return await modules.special("convex.config");
  } catch (cause) {
    if (!String(cause).includes("componentDefinitionPath")) throw cause;
    const message = `The convex.config of ${where} uses a component that the modules map does not hold, or holds later: put the folders of components into the map, those that others use first. Or list every component in the option \`components\`, and no convex.config is read.`;
    throw new InvexError("ModuleInvalid", message, { fields: { where }, cause });
  }
}
