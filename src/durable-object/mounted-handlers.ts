/** What answers below certain paths of an object instead of its backend: made when it is first asked. */
import type { Backend } from "../backend/types";
import { userError } from "../shared/errors";
import type { Mount } from "./options";

type Handler = ReturnType<Mount>;

const PATH = /^(?:\/[^/?#]+)+$/;

export class MountedHandlers {
  readonly #mounts: ReadonlyMap<string, Mount>;
  readonly #handlers = new Map<Mount, Handler>();

  /** @throws InvexError `OptionsInvalid` */
  constructor(mounts: Readonly<Record<string, Mount>> = {}) {
    for (const path of Object.keys(mounts)) if (!PATH.test(path)) throw invalidPath(path);
    this.#mounts = new Map(Object.entries(mounts));
  }

  /** The answer, if one of the mounts answers for the path. Cost: O(mounts). */
  answer(backend: Backend, request: Request): Promise<Response> | undefined {
    if (this.#mounts.size === 0) return undefined;
    const { pathname } = new URL(request.url);
    for (const [path, mount] of this.#mounts) {
      if (pathname !== path && !pathname.startsWith(`${path}/`)) continue;
      return this.#handlerOf(mount, backend)(request);
    }
    return undefined;
  }

  #handlerOf(mount: Mount, backend: Backend): Handler {
    let handler = this.#handlers.get(mount);
    if (handler === undefined) {
      handler = mount(backend);
      this.#handlers.set(mount, handler);
    }
    return handler;
  }
}

function invalidPath(path: string) {
  return userError(
    "OptionsInvalid",
    `durableBackend: option \`mounts\`: "${path}" is no path: expected one like "/inspector".`,
    { option: "mounts" },
  );
}
