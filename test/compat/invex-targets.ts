// The Invex targets: the app written against `convex`, its twin written against `invex/server`, and a
// mixture of the two.

import { createBackend } from "invex";
import * as appMessages from "../fixtures/app/convex/messages";
import * as appOnboarding from "../fixtures/app/convex/teams/onboarding";
import * as appUsers from "../fixtures/app/convex/users";
import { modules as appModules } from "../fixtures/app/modules";
import { modules as twinModules } from "../fixtures/app-invex/modules";
import type { LabBackend } from "../fixtures/lab";
import { SteppedClock } from "../fixtures/stepped-clock";
import type { Args, CallStep, Target } from "./step";

export function invexOnApp(): Target {
  return invexTarget("invex on the convex app", appBackend());
}

export function invexOnTwin(): Target {
  return invexTarget("invex on its twin", twinBackend());
}

/** Half the modules from each front, over the twin's schema. */
export function invexOnBoth(): Target {
  const fromApp = {
    messages: appMessages,
    users: appUsers,
    "teams/onboarding": appOnboarding,
  };
  return invexTarget("invex on both fronts", openBackend({ ...twinModules, ...fromApp }));
}

export function appBackend() {
  return openBackend(appModules);
}

export function twinBackend() {
  return openBackend(twinModules);
}

function openBackend(modules: Parameters<typeof createBackend>[0]["modules"]) {
  const clock = new SteppedClock();
  return { backend: createBackend({ modules, clock, seed: "harbor" }), clock };
}

function invexTarget(name: string, { backend, clock }: ReturnType<typeof openBackend>): Target {
  return {
    name,
    call: async (step: CallStep, args: Args) => {
      const caller = step.as === undefined ? backend : backend.withIdentity(step.as);
      return await caller[step.kind](step.path, args);
    },
    tick: () => clock.tick(),
    drain: async (ms) => {
      clock.moveBy(ms);
      await (backend as unknown as LabBackend).settle();
    },
    close: async () => await backend.close(),
  };
}
