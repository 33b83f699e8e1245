/**
 * Scheduled mutations one at a time, in the order they came due. Fake timers bring up jobs of minutes
 * in one moment: run at once, a watchdog that is due in a minute would find the work it watches not
 * begun, as it never does in a deployed backend. Actions wait for nobody.
 */
import type { SchedulerHost } from "../scheduler/ports";

export function inOrder(host: SchedulerHost): SchedulerHost {
  let last: Promise<unknown> = Promise.resolve();
  return {
    isEmpty: (table) => host.isEmpty(table),
    transact: (body) => host.transact(body),
    resolve: (component, name) => host.resolve(component, name),
    runAction: (call) => host.runAction(call),
    runMutation: (call, steps) => {
      const run = last.then(() => host.runMutation(call, steps));
      last = run.catch(() => {});
      return run;
    },
  };
}
