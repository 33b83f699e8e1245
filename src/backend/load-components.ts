/**
 * From options to what an engine is made of: finds the app and every component instance, by the
 * option `components` or by the app's `convex.config`, and loads what their modules hold by name.
 * At once when nothing has to be imported.
 */
import type { ComponentInstance } from "../components/component-instance";
import { ComponentMounts } from "../components/component-mounts";
import { listedInstances } from "../components/listed-instances";
import { ModuleMap, type Modules } from "../functions/module-map";
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

async function loadConfigured(app: Instance, modules: Modules): Promise<LoadedBackend> {
  const { readConfiguration } = await import("./component-configuration");
  const { instances, mounts } = await readConfiguration(app, modules);
  return loadAll(app, instances, mounts);
}
