/** The functions of a backend by component path, and what addresses mean between components. */
import {
  childPath,
  instanceName,
  isChildOf,
  parseChildReference,
} from "../components/component-path";
import type { FunctionAddress } from "../server/function-address";
import { type InvexError, isInvexError, userError } from "../shared/errors";
import { fromByteArray, toByteArray } from "../values/base64";
import type { FunctionDirectory } from "./function-directory";
import { parseFunctionHandle, parseFunctionPath, printFunctionHandle } from "./function-path";
import { type FunctionTarget, inComponent } from "./function-target";
import type { Caller, WantedKind } from "./lookup-error";
import type { ModuleNaming } from "./module-path";
import { nearName } from "./near-name";
import type { RegisteredFunction } from "./registered-function";
import type { FunctionRegistry } from "./registry";

/** The directory of one backend. */
export class ComponentDirectory implements FunctionDirectory {
  readonly #registries = new Map<string, FunctionRegistry>();

  /** @param registries by component path; "" is the app */
  constructor(registries: Iterable<FunctionRegistry>) {
    for (const registry of registries) this.add(registry);
  }

  /** Paths of all component instances, the app's among them. */
  get components(): readonly string[] {
    return [...this.#registries.keys()];
  }

  get registries(): Iterable<FunctionRegistry> {
    return this.#registries.values();
  }

  /** Another component instance, or the only one at its path. */
  add(registry: FunctionRegistry): void {
    this.#registries.set(registry.component, registry);
  }

  /** The functions of a component instance; `undefined` when there is none. */
  registryOf(component: string): FunctionRegistry | undefined {
    return this.#registries.get(component);
  }

  resolve(address: FunctionAddress, from: string): FunctionTarget {
    if (address.name !== undefined) {
      const known = this.#registries.get(from)?.knownPath(address.name);
      const path = known ?? parseFunctionPath(address.name, this.#naming);
      return { component: from, path };
    }
    if (address.functionHandle !== undefined)
      return readHandle(address.functionHandle, this.#naming);
    return this.#resolveReference(address.reference, from);
  }

  /** Whether an address is a handle as tests write it: `function://component;module:name`. */
  isHandWritten({ functionHandle }: FunctionAddress): boolean {
    if (functionHandle === undefined || this.#naming !== "any") return false;
    return plainContent(parseFunctionHandle(functionHandle).id) !== undefined;
  }

  lookup(
    target: FunctionTarget,
    wanted: WantedKind,
    caller: Caller,
  ): RegisteredFunction | Promise<RegisteredFunction> {
    const { component, path, isExport } = target;
    const registry = this.#registries.get(component);
    if (registry === undefined) throw handleNotFound();
    if (!isExport) return registry.lookup(path.display, wanted, caller);
    const check = (found: RegisteredFunction) => {
      if (found.visibility === "public") return found;
      throw notExported(component, attributesOf(target));
    };
    try {
      const found = registry.lookup(path.display, wanted, caller);
      if (!(found instanceof Promise)) return check(found);
      return found.then(check, (error) => rethrowMissing(error, target));
    } catch (error) {
      return rethrowMissing(error, target);
    }
  }

  /** A function by its stored name, in a component. */
  target(component: string, name: string): FunctionTarget {
    return { component, path: parseFunctionPath(name, this.#naming) };
  }

  /** All components of a backend are named alike. */
  get #naming(): ModuleNaming {
    return this.#registries.get("")?.modules.naming ?? "convex";
  }

  /** Whether the function's module is in the map, loaded or not. */
  hasModule({ component, path }: FunctionTarget): boolean {
    return this.#registries.get(component)?.modules.has(path.module) ?? false;
  }

  /** `components.<child>.<module>.<function>`, as a function of `from` writes it. */
  #resolveReference(reference: string, from: string): FunctionTarget {
    const parsed = parseChildReference(reference);
    if (parsed === undefined) {
      throw userError("FunctionNotFound", `${reference} refers to nothing that can be called.`, {
        reference,
      });
    }
    const { child, attributes } = parsed;
    const component = childPath(from, child);
    if (!this.#registries.has(component)) throw childNotFound(child, from, this.components);
    const name = attributes.at(-1);
    const module = attributes.slice(0, -1).join("/");
    if (name === undefined || module === "") throw notExported(component, attributes);
    return {
      component,
      path: parseFunctionPath(`${module}:${name}`, this.#naming),
      isExport: true,
    };
  }

  /** Whether there is such a function, of any kind. At once when its module is loaded. */
  exists(target: FunctionTarget): boolean | Promise<boolean> {
    try {
      const found = this.lookup(target, "any", "function");
      return found instanceof Promise ? found.then(() => true, falseIfMissing) : true;
    } catch (error) {
      return falseIfMissing(error);
    }
  }
}

/** Convex's text, and what there is instead: the callers are the app's own authors. */
function childNotFound(child: string, from: string, components: readonly string[]): InvexError {
  const installed = components.filter((path) => isChildOf(from, path)).map(instanceName);
  const near = nearName(child, installed);
  const rest = installed.length === 0 ? "no components" : `only: ${installed.join(", ")}`;
  const advice = near === undefined ? `There are ${rest}.` : `Did you mean "${near}"?`;
  return userError(
    "FunctionNotFound",
    `Child component ComponentName("${child}") not found${inComponent(from)}. ${advice}`,
    { component: childPath(from, child) },
  );
}

function notExported(component: string, attributes: readonly string[]): InvexError {
  const parts = attributes.map((part) => `PathComponent("${part}")`).join(", ");
  return userError(
    "FunctionNotFound",
    `Child component "${component}" does not export [${parts}]. From outside, a component's public functions can be called: components.<name>.<module>.<function>.`,
    { component },
  );
}

function attributesOf({ path: { module, name } }: FunctionTarget): string[] {
  return [...module.split("/"), name];
}

/** From outside, what is missing is not exported; being of another kind is another mistake. */
function rethrowMissing(error: unknown, target: FunctionTarget): never {
  const isMissing = isInvexError(error) && error.code === "FunctionNotFound";
  if (!isMissing || error.fields.kind !== undefined) throw error;
  throw notExported(target.component, attributesOf(target));
}

/** Says that there is none, where a lookup would throw. */
function falseIfMissing(error: unknown): false {
  if (isInvexError(error) && error.code === "FunctionNotFound") return false;
  throw error;
}

const utf8 = new TextEncoder();
const fromUtf8 = new TextDecoder();

/**
 * The handle of a function: it says itself what it leads to, so it holds over restarts and forks,
 * and making one writes nothing.
 */
export function createHandle({ component, path }: FunctionTarget): string {
  const id = fromByteArray(utf8.encode(JSON.stringify([component, path.canonical])));
  return printFunctionHandle(id, path);
}

function readHandle(handle: string, naming: ModuleNaming): FunctionTarget {
  const { id } = parseFunctionHandle(handle);
  const [component, name] = (naming === "any" ? plainContent(id) : undefined) ?? handleContent(id);
  return { component, path: parseFunctionPath(name, naming) };
}

/** Of a handle as tests write it by hand: `function://component;module:name`. */
function plainContent(id: string): [component: string, name: string] | undefined {
  const [, component, name] = /^([^;]*);(.+)$/.exec(id) ?? [];
  return component === undefined || name === undefined ? undefined : [component, name];
}

function handleContent(id: string): [component: string, name: string] {
  try {
    const content: unknown = JSON.parse(fromUtf8.decode(toByteArray(id)));
    if (Array.isArray(content) && content.length === 2) {
      const [component, name] = content;
      if (typeof component === "string" && typeof name === "string") return [component, name];
    }
  } catch {
    // Whatever is wrong with it, it is no handle of ours.
  }
  throw handleNotFound();
}

function handleNotFound() {
  return userError("FunctionNotFound", "Function handle not found");
}
