/**
 * `invex/testing/matchers`: what vitest can expect of a subscription. Importing it once, for example
 * in a setup file, is enough; the matchers are also exported, for `expect.extend` of other runners.
 *
 * @example
 * import "invex/testing/matchers";
 * const list = t.subscribe(api.messages.list);
 * await t.settle();
 * await t.mutation(api.messages.send, { body: "hi" });
 * await t.settle();
 * expect(list).toHaveRerun(1);
 * expect(list).toHaveDelivered([expect.objectContaining({ body: "hi" })]);
 */
import { expect } from "vitest";
import type { TestSubscription } from "./test-subscription";

/** What the matchers use of a runner's matcher context; jest's and vitest's have it. */
interface MatcherContext {
  readonly isNot?: boolean;
  equals(actual: unknown, expected: unknown): boolean;
  readonly utils: { stringify?(value: unknown): string; printReceived(value: unknown): string };
}

interface Verdict {
  readonly pass: boolean;
  readonly message: () => string;
  readonly actual?: unknown;
  readonly expected?: unknown;
}

/** The query has run exactly `times` times again since the subscription's first result. */
export function toHaveRerun(this: MatcherContext, received: unknown, times: number): Verdict {
  const { reruns } = subscriptionIn(received, "toHaveRerun");
  const not = this.isNot ? "not " : "";
  return {
    pass: reruns === times,
    message: () => `expected the query ${not}to have rerun ${times} times; it has ${reruns} times`,
    actual: reruns,
    expected: times,
  };
}

/** A result equal to `value` was delivered. Asymmetric matchers inside it work. */
export function toHaveDelivered(this: MatcherContext, received: unknown, value: unknown): Verdict {
  const { deliveries } = subscriptionIn(received, "toHaveDelivered");
  const print = (printed: unknown) => this.utils.printReceived(printed);
  const not = this.isNot ? "not " : "";
  return {
    pass: deliveries.some((delivery) => this.equals(delivery, value)),
    message: () =>
      `expected the subscription ${not}to have delivered ${print(value)}; it has delivered ${deliveries.length} results${deliveries.map((each, i) => `\n${i + 1}. ${print(each)}`).join("")}`,
    actual: deliveries.at(-1),
    expected: value,
  };
}

function subscriptionIn(received: unknown, matcher: string): TestSubscription<unknown> {
  const { deliveries, reruns } = (received ?? {}) as Partial<TestSubscription<unknown>>;
  if (Array.isArray(deliveries) && typeof reruns === "number") {
    return received as TestSubscription<unknown>;
  }
  throw new TypeError(`${matcher} expects what t.subscribe() returned, not ${String(received)}.`);
}

expect.extend({ toHaveRerun, toHaveDelivered });

declare module "vitest" {
  interface Matchers<T> {
    /** The query has run exactly `times` times again since the subscription's first result. */
    toHaveRerun(times: number): T;
    /** A result equal to `value` was delivered. */
    toHaveDelivered(value: unknown): T;
  }
}
