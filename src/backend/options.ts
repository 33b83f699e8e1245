/** The options of `createBackend`, parsed: what is wrong is named before anything is built. */

import * as z from "zod/mini";
import { toDotPath } from "zod/v4/core";
import type { ListedComponent } from "../components/listed-instances";
import { DEFAULT_TRANSACTION_LIMITS, type TransactionLimits } from "../db/limits";
import type { LogEntry } from "../functions/logs";
import type { Modules } from "../functions/module-map";
import type { Pace } from "../functions/pace";
import type { AuthConfig } from "../server/authentication";
import type { Clock } from "../shared/clock";
import { userError } from "../shared/errors";
import { systemClock } from "../shared/system-clock";

const DEFAULT_URL = "http://invex.localhost";

export interface ParsedOptions {
  readonly modules: Modules;
  readonly schema: unknown;
  /** `undefined`: what `convex.config` says. */
  readonly components: Readonly<Record<string, ListedComponent>> | undefined;
  readonly clock: Clock;
  readonly seed: string | undefined;
  readonly env: Readonly<Record<string, string>>;
  readonly limits: TransactionLimits;
  readonly determinism: "enforce" | "off";
  readonly redactErrors: boolean;
  readonly onLog: ((entry: LogEntry) => void) | undefined;
  readonly url: string;
  readonly auth: AuthConfig | undefined;
  readonly adminKey: string | undefined;
  readonly fetch: ((url: string) => Promise<Response>) | undefined;
  /** No option of `createBackend`: simulations set it. */
  readonly pace?: Pace;
}

const component: z.ZodMiniType<ListedComponent> = z.strictObject({
  modules: z.record(z.string(), z.unknown()),
  schema: z.optional(z.unknown()),
  get components() {
    return z.optional(z.record(z.string(), component));
  },
  env: z.optional(z.record(z.string(), z.string())),
  httpPrefix: z.optional(z.string()),
  register: z.optional(
    z.custom<ListedComponent["register"]>((fn) => typeof fn === "function", "expected a function"),
  ),
});

const count = z.number().check(z.nonnegative(), z.multipleOf(1));

const optionsShape = z.strictObject({
  modules: z.record(z.string(), z.unknown()),
  schema: z.optional(z.unknown()),
  components: z.optional(z.record(z.string(), component)),
  clock: z.optional(
    z.custom<Clock>(
      (clock) =>
        typeof (clock as Clock | undefined)?.now === "function" &&
        typeof (clock as Clock).schedule === "function",
      "expected a clock: manualClock(), or an object with now() and schedule()",
    ),
  ),
  seed: z.optional(z.string()),
  env: z.optional(z.record(z.string(), z.string())),
  limits: z.optional(
    z.strictObject({
      bytesRead: z.optional(count),
      bytesWritten: z.optional(count),
      databaseQueries: z.optional(count),
      documentsRead: z.optional(count),
      documentsWritten: z.optional(count),
      functionsScheduled: z.optional(count),
      scheduledFunctionArgsBytes: z.optional(count),
    }),
  ),
  determinism: z.optional(z.enum(["enforce", "off"])),
  redactErrors: z.optional(z.boolean()),
  onLog: z.optional(
    z.custom<(entry: LogEntry) => void>((fn) => typeof fn === "function", "expected a function"),
  ),
  url: z.optional(z.url({ protocol: /^https?$/ })),
  auth: z.optional(
    z.custom<AuthConfig>(
      (auth) => Array.isArray((auth as AuthConfig | undefined)?.providers),
      "expected what `auth.config` exports: { providers: […] }",
    ),
  ),
  adminKey: z.optional(z.string().check(z.minLength(1))),
  fetch: z.optional(
    z.custom<(url: string) => Promise<Response>>(
      (fn) => typeof fn === "function",
      "expected a function",
    ),
  ),
});

/** @throws InvexError `OptionsInvalid`, naming the option and what is wrong with it */
export function parseOptions(options: unknown): ParsedOptions {
  const parsed = z.safeParse(optionsShape, options);
  if (!parsed.success) throw invalidOptions(parsed.error);
  const {
    modules,
    schema,
    components,
    clock,
    seed,
    env,
    limits,
    determinism,
    redactErrors,
    onLog,
    url,
  } = parsed.data;
  return {
    modules: modules as Modules,
    schema,
    components,
    clock: clock ?? systemClock(),
    seed,
    env: env ?? {},
    limits: withDefaults(limits ?? {}),
    determinism: determinism ?? "enforce",
    redactErrors: redactErrors ?? false,
    onLog,
    url: url ?? DEFAULT_URL,
    auth: parsed.data.auth,
    adminKey: parsed.data.adminKey,
    fetch: parsed.data.fetch,
  };
}

function withDefaults(
  limits: {
    readonly [Metric in keyof TransactionLimits]?: number | undefined;
  },
): TransactionLimits {
  const given = Object.entries(limits).filter(([, limit]) => limit !== undefined);
  return { ...DEFAULT_TRANSACTION_LIMITS, ...Object.fromEntries(given) };
}

function invalidOptions(error: z.core.$ZodError) {
  const [issue] = error.issues;
  const where = issue === undefined ? "" : toDotPath(issue.path);
  const option = where === "" ? "its options" : `option \`${where}\``;
  return userError("OptionsInvalid", `createBackend: ${option}: ${issue?.message ?? "invalid"}`, {
    option: where,
  });
}
