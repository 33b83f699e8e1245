/**
 * One component instance as it was asked for: where it is, what it is made of, what it is told.
 * Both ways of asking, by hand and by `convex.config`, end in a list of these.
 */

/** @typeParam Source what functions and schema come from: a modules map, parsed or not. */
export interface ComponentInstance<Source> {
  /** `"shop/mailer"`. Parents come before their children in lists. */
  readonly path: string;
  readonly source: Source;
  /** `undefined`: the one among its modules, if there is one. */
  readonly schema: unknown;
  /** `process.env` inside, without the backend's own variables. */
  readonly env: Readonly<Record<string, string>>;
  /** Where its HTTP routes are served, with slashes at both ends; `undefined`: nowhere. */
  readonly httpPrefix: string | undefined;
}
