/** The options of `createBackend`, parsed: what is wrong is named before anything is built. */
import type { ListedComponent } from "../components/listed-instances";
import { DEFAULT_TRANSACTION_LIMITS, type TransactionLimits } from "../db/limits";
import type { LogEntry } from "../functions/logs";
import type { Modules } from "../functions/module-map";
import type { Pace } from "../functions/pace";
import type { Persistence } from "../persistence/persistence";
import type { AuthConfig } from "../server/authentication";
import {
  anything,
  type Check,
  callable,
  count,
  dictionary,
  flag,
  optional,
  type Refuse,
  satisfying,
  shape,
  text,
} from "../shared/check-shape";
import type { Clock } from "../shared/clock";
import { userError } from "../shared/errors";
import { systemClock } from "../shared/system-clock";
import type { BackendOptions } from "./types";

const DEFAULT_URL = "http://invex.localhost";

export interface ParsedOptions {
  readonly modules: Modules;
  readonly schema: unknown;
  /** `undefined`: what `convex.config` says. */
  readonly components: Readonly<Record<string, ListedComponent>> | undefined;
  /** `undefined`: memory only. */
  readonly persistence: Persistence | undefined;
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

const component = shape({
  modules: dictionary(anything),
  schema: anything,
  components: (value, path, refuse) => components(value, path, refuse),
  env: optional(dictionary(text)),
  httpPrefix: optional(text),
  register: optional(callable),
});

const components = optional(dictionary(component));

const clock = satisfying((value) => {
  const { now, schedule } = (value ?? {}) as Partial<Clock>;
  return typeof now === "function" && typeof schedule === "function";
}, "a clock: manualClock(), or an object with now() and schedule()");

/** A folder's path is what people try first. */
const modules: Check = (value, path, refuse) => {
  if (typeof value === "string") {
    refuse(path, `expected object, received a path: write modulesFrom(${JSON.stringify(value)})`);
  }
  dictionary(anything)(value, path, refuse);
};

const limits = Object.keys(DEFAULT_TRANSACTION_LIMITS).map((metric) => [metric, optional(count)]);

const checks: { readonly [Option in keyof Required<BackendOptions>]: Check } = {
  modules,
  schema: anything,
  components,
  persistence: optional(
    satisfying(
      (value) => typeof (value as Partial<Persistence> | null)?.open === "function",
      "a persistence adapter, such as sqlite(db): an object with open()",
    ),
  ),
  clock: optional(clock),
  seed: optional(text),
  env: optional(dictionary(text)),
  limits: optional(shape(Object.fromEntries(limits))),
  determinism: optional(
    satisfying((value) => value === "enforce" || value === "off", '"enforce" or "off"'),
  ),
  redactErrors: optional(flag),
  onLog: optional(callable),
  url: optional(satisfying(isWebUrl, "a URL that begins with http:// or https://")),
  auth: optional(
    satisfying(
      (value) => Array.isArray((value as Partial<AuthConfig> | null)?.providers),
      "what `auth.config` exports: { providers: […] }",
    ),
  ),
  adminKey: optional(satisfying((value) => typeof value === "string" && value !== "", "a key")),
  fetch: optional(callable),
};

const checkOptions = shape(checks);

/** @throws InvexError `OptionsInvalid`, naming the option and what is wrong with it */
export function parseOptions(options: unknown): ParsedOptions {
  checkOptions(options, "", refuseOption);
  const given = options as BackendOptions;
  return {
    modules: given.modules,
    schema: given.schema,
    components: given.components,
    persistence: given.persistence,
    clock: given.clock ?? systemClock(),
    seed: given.seed,
    env: given.env ?? {},
    limits: withDefaults(given.limits ?? {}),
    determinism: given.determinism ?? "enforce",
    redactErrors: given.redactErrors ?? false,
    onLog: given.onLog,
    url: given.url ?? DEFAULT_URL,
    auth: given.auth,
    adminKey: given.adminKey,
    fetch: given.fetch,
  };
}

function isWebUrl(value: unknown): boolean {
  return typeof value === "string" && /^https?:\/\//i.test(value) && URL.canParse(value);
}

function withDefaults(
  limits: {
    readonly [Metric in keyof TransactionLimits]?: number | undefined;
  },
): TransactionLimits {
  const given = Object.entries(limits).filter(([, limit]) => limit !== undefined);
  return { ...DEFAULT_TRANSACTION_LIMITS, ...Object.fromEntries(given) };
}

const refuseOption: Refuse = (path, problem) => {
  const option = path === "" ? "its options" : `option \`${path}\``;
  throw userError("OptionsInvalid", `createBackend: ${option}: ${problem}`, { option: path });
};
