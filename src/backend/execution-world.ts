/** What all executions of one engine have in common, made of the engine's parts. */
import type { ExecutionWorld } from "../functions/call-execution";
import type { ComponentDirectory } from "../functions/component-directory";
import { createConvexBridge } from "../functions/convex-bridge";
import type { LogBook } from "../functions/log-book";
import type { Clock } from "../shared/clock";
import type { Random } from "../shared/random";
import type { Concessions } from "./concessions";
import type { MountedComponents } from "./mounted-components";
import type { ParsedOptions } from "./options";

interface WorldParts {
  readonly options: ParsedOptions;
  readonly components: MountedComponents;
  readonly directory: ComponentDirectory;
  readonly clock: Clock;
  /** The executions' own. */
  readonly seeds: Random;
  readonly logs: LogBook;
  readonly concessions: Concessions | undefined;
}

export function createExecutionWorld(parts: WorldParts): ExecutionWorld {
  const { options, components, directory, clock, seeds, logs, concessions } = parts;
  return {
    pace: options.pace,
    originMs: clock.now(),
    clockMs: () => clock.now(),
    createRandom: () => seeds.fork(),
    heedsStubs: concessions !== undefined,
    trustsInline: concessions !== undefined,
    envOf: (component) => {
      const env = components.envOf(component);
      return concessions?.env(env) ?? env;
    },
    createBridge: (execution) => createConvexBridge(execution, directory),
    log: (execution, level, args) => {
      const print = concessions && (() => concessions.print(level, args));
      logs.write(execution, level, args, print);
    },
  };
}
