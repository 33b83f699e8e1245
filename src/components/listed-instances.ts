/**
 * The component instances of the option `components`: given by hand, nested, or as the test helpers
 * that published components export (`@convex-dev/…/test`), which list their own children.
 */
import { userError } from "../shared/errors";
import type { ComponentInstance } from "./component-instance";
import { withTrailingSlash } from "./component-mounts";
import { assertComponentPath, childPath } from "./component-path";

/** A component as `createBackend({ components })` takes it. */
export interface ListedComponent {
  /** As the backend's own: namespaces or loaders by path. */
  readonly modules: Readonly<Record<string, unknown>>;
  /** Default: the module `schema`, if there is one. */
  readonly schema?: unknown;
  /** Components installed in it. */
  readonly components?: Readonly<Record<string, ListedComponent>> | undefined;
  /** `process.env` inside. Default: empty. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** Where its HTTP routes are served. Default: nowhere. */
  readonly httpPrefix?: string | undefined;
  /** What a component's test helper has: registers the component and those installed in it. */
  // biome-ignore lint/suspicious/noExplicitAny: each helper names its own test class
  readonly register?: ((host: any, name: string) => void) | undefined;
}

type Modules = ListedComponent["modules"];

/**
 * @returns parents before children. What is listed counts more than what `register` brings.
 * @throws InvexError `ModuleInvalid` for a bad name, `OptionsInvalid` for a bad prefix or helper
 */
export function listedInstances(
  components: Readonly<Record<string, ListedComponent>>,
): ComponentInstance<Modules>[] {
  const instances = new Map<string, ComponentInstance<Modules>>();
  const visit = (path: string, component: ListedComponent) => {
    assertComponentPath(path);
    const { modules: source, schema, env = {}, httpPrefix } = component;
    const prefix = httpPrefix === undefined ? undefined : checkedPrefix(path, httpPrefix);
    instances.set(path, { path, source, schema, env, httpPrefix: prefix });
    for (const child of registeredChildren(path, component)) instances.set(child.path, child);
    for (const [name, child] of Object.entries(component.components ?? {})) {
      visit(childPath(path, name), child);
    }
  };
  for (const [name, component] of Object.entries(components)) visit(name, component);
  return [...instances.values()];
}

/** Asks a test helper what it would register, below itself. */
function registeredChildren(
  path: string,
  { register }: ListedComponent,
): ComponentInstance<Modules>[] {
  if (register === undefined) return [];
  const children: ComponentInstance<Modules>[] = [];
  const registerComponent = (childAt: string, schema: unknown, source: Modules) => {
    if (childAt === path) return;
    children.push({ path: childAt, source, schema, env: {}, httpPrefix: undefined });
  };
  try {
    register({ registerComponent }, path);
  } catch (error) {
    throw userError(
      "OptionsInvalid",
      `createBackend: option \`components\`: register() of "${path}" failed: ${String(error)}. List the components installed in it by hand: components: { … }.`,
      { component: path },
    );
  }
  return children;
}

function checkedPrefix(path: string, prefix: string): string {
  if (prefix.startsWith("/")) return withTrailingSlash(prefix);
  throw userError(
    "OptionsInvalid",
    `createBackend: option \`components\`: "${path}": httpPrefix must start with "/". Received: "${prefix}"`,
    { component: path },
  );
}
