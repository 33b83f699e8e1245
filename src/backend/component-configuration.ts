/**
 * The component instances that an app's `convex.config` installs, read from the configurations of
 * the app and of the component folders in its modules. Loaded only by apps that have one.
 */
import { markDefinition, readDefinition } from "../components/component-definition";
import type { ComponentInstance } from "../components/component-instance";
import { ComponentMounts } from "../components/component-mounts";
import { configuredInstances, type DefinedComponent } from "../components/configured-instances";
import { componentFolders } from "../functions/component-folders";
import { ModuleMap, type Modules } from "../functions/module-map";
import { InvexError } from "../shared/errors";

/** An instance, and the modules its functions are in. */
type Instance = ComponentInstance<ModuleMap>;

export interface Configuration {
  /** Without the app; parents before children. */
  readonly instances: readonly Instance[];
  readonly mounts: ComponentMounts;
}

/**
 * Definitions of components first: an app that is read before them cannot use them.
 * @throws InvexError `ModuleInvalid`
 */
export async function readConfiguration(app: Instance, modules: Modules): Promise<Configuration> {
  const found: FoundComponent[] = [];
  for (const [folder, part] of componentFolders(modules, app.source.root)) {
    const source = new ModuleMap(part, { root: folder });
    const exported = await loadConfig(source, folder);
    markDefinition(exported, folder);
    found.push({ folder, exported, source });
  }
  const definition = await loadConfig(app.source, "the app");
  const { httpPrefix, instances } = readConfigured(definition, found, app.env);
  return { instances, mounts: new ComponentMounts(instances, httpPrefix) };
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
