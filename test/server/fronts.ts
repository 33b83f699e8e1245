/** Both packages, seen without types, so that one script can run on each. */

import * as convex from "convex/server";
import { v as convexV } from "convex/values";
import * as invex from "invex/server";
import { v } from "invex/values";
import { expect } from "vitest";
import { type Outcome, outcomeOf } from "./outcome";

export interface Front {
  // biome-ignore lint/suspicious/noExplicitAny: one script runs on the functions of two packages
  s: any;
  // biome-ignore lint/suspicious/noExplicitAny: and on the validators of two packages
  v: any;
}

export const theirs: Front = { s: convex, v: convexV };
export const ours: Front = { s: invex, v };

/** Ours, and each package with the other's validators. */
export const variants: Readonly<Record<string, Front>> = {
  ours,
  "ours with their validators": { s: invex, v: convexV },
  "theirs with our validators": { s: convex, v },
};

/** Runs `script` on all and expects what it gives, or throws, to be what it does on convex. */
export function expectAlike(script: (front: Front) => unknown): Outcome {
  const expected = outcomeOf(() => script(theirs));
  for (const [name, front] of Object.entries(variants)) {
    const outcome = outcomeOf(() => script(front));
    expect({ name, ...outcome }).toEqual({ name, ...expected });
  }
  return expected;
}
