/**
 * Paths of component instances: `""` is the app, `"shop"` is installed in it, `"shop/mailer"` in that.
 * Also the way a reference names a child's function. What is at a path is the backend's to know.
 */
import { userError } from "../shared/errors";
import { identifierProblem } from "../values/identifier";

const CHILD_REFERENCE = "_reference/childComponent/";

/** The path of the instance called `name` in `parent`. */
export function childPath(parent: string, name: string): string {
  return parent === "" ? name : `${parent}/${name}`;
}

/** Whether `path` is installed directly in `parent`. */
export function isChildOf(parent: string, path: string): boolean {
  const prefix = parent === "" ? "" : `${parent}/`;
  return path !== "" && path.startsWith(prefix) && !path.slice(prefix.length).includes("/");
}

/** The name an instance has where it is installed. */
export function instanceName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** @throws InvexError `ModuleInvalid` unless every name in `path` is an identifier. */
export function assertComponentPath(path: string): void {
  for (const name of path.split("/")) {
    const problem = identifierProblem(name);
    if (problem === undefined) continue;
    throw userError("ModuleInvalid", `"${path}" is no path of a component: ${problem}`, {
      component: path,
    });
  }
}

/** What a reference into a child component names. */
export interface ChildReference {
  readonly child: string;
  /** What follows: directories, module, function. */
  readonly attributes: readonly string[];
}

/** Takes the reference path of `components.<child>.<module>.<function>` apart. */
export function parseChildReference(reference: string): ChildReference | undefined {
  if (!reference.startsWith(CHILD_REFERENCE)) return undefined;
  const [child = "", ...attributes] = reference.slice(CHILD_REFERENCE.length).split("/");
  return { child, attributes };
}
