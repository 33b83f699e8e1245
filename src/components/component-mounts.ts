/**
 * Which component serves HTTP requests under which path (functions.md 4.2). A table only: routing,
 * and what the routes are, is `http/`'s.
 */
import { childPath, instanceName } from "./component-path";

/** A place where a component has put one that is installed in it. */
export interface HttpMount {
  /** `"/mail/"`: with slashes at both ends. */
  readonly prefix: string;
  /** Path of the component served there. */
  readonly component: string;
}

export class ComponentMounts {
  /** What `defineApp` puts before the app's own routes, with slashes at both ends. */
  readonly appPrefix: string | undefined;
  readonly #byComponent = new Map<string, HttpMount[]>();

  /** @param instances parents before children; those without a prefix are not served */
  constructor(
    instances: readonly { readonly path: string; readonly httpPrefix: string | undefined }[] = [],
    appPrefix?: string,
  ) {
    this.appPrefix = appPrefix;
    for (const { path, httpPrefix } of instances) {
      if (httpPrefix === undefined) continue;
      const parent = path.slice(0, Math.max(0, path.length - instanceName(path).length - 1));
      const siblings = this.#byComponent.get(parent) ?? [];
      siblings.push({ prefix: httpPrefix, component: path });
      siblings.sort((a, b) => b.prefix.length - a.prefix.length);
      this.#byComponent.set(parent, siblings);
    }
  }

  /** The mounts that `component` declares, longest prefix first. */
  of(component: string): readonly HttpMount[] {
    return this.#byComponent.get(component) ?? [];
  }

  /**
   * What requests to a component's routes begin with: `"/shop/mail"`. `""` for the app, and for a
   * component that nothing leads to.
   */
  sitePath(component: string): string {
    let path = "";
    let at = "";
    for (const name of component === "" ? [] : component.split("/")) {
      const child = childPath(at, name);
      const mount = this.of(at).find((each) => each.component === child);
      if (mount === undefined) return "";
      path += mount.prefix.slice(0, -1);
      at = child;
    }
    return path;
  }
}

/** A prefix with slashes at both ends; it has one at its beginning. */
export function withTrailingSlash(prefix: string): string {
  return prefix.endsWith("/") ? prefix : `${prefix}/`;
}
