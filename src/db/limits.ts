/** Convex's limits on one transaction (engine.md 7.1), and the account of what one has used. */
import { type ErrorCode, userError } from "../shared/errors";
import { formatSize } from "../values/print";

/** What is counted for every query or mutation, nested calls included. */
export interface TransactionLimits {
  /** Bytes of documents read. Default 16 MiB. */
  bytesRead: number;
  /** Bytes of documents written. Default 16 MiB. */
  bytesWritten: number;
  /** Disjoint index intervals read. Default 4,096. */
  databaseQueries: number;
  /** Documents read; repeated reads count again. Default 32,000. */
  documentsRead: number;
  /** Effective writes. Default 16,000. */
  documentsWritten: number;
  /** Calls to the scheduler. Default 1,000. */
  functionsScheduled: number;
  /** Bytes of the arguments of scheduled functions. Default 16 MiB. */
  scheduledFunctionArgsBytes: number;
}

export type TransactionMetric = keyof TransactionLimits;

const MiB = 1024 * 1024;

export const DEFAULT_TRANSACTION_LIMITS: TransactionLimits = {
  bytesRead: 16 * MiB,
  bytesWritten: 16 * MiB,
  databaseQueries: 4096,
  documentsRead: 32_000,
  documentsWritten: 16_000,
  functionsScheduled: 1000,
  scheduledFunctionArgsBytes: 16 * MiB,
};

const READ_HINT =
  "Consider using smaller limits in your queries, paginating your queries, or using indexed queries with a selective index range expressions.";

interface Texts {
  readonly code: ErrorCode;
  exceeded(limit: number): string;
  warning(actual: number, limit: number): string;
}

const TEXTS: Record<TransactionMetric, Texts> = {
  documentsRead: {
    code: "TooManyDocumentsRead",
    exceeded: (n) =>
      `Too many documents read in a single function execution (limit: ${n}). ${READ_HINT}`,
    warning: (a, n) =>
      `Many documents read in a single function execution (actual: ${a}, limit: ${n}). ${READ_HINT}`,
  },
  bytesRead: {
    code: "TooManyBytesRead",
    exceeded: (n) =>
      `Too many bytes read in a single function execution (limit: ${n} bytes). ${READ_HINT}`,
    warning: (a, n) =>
      `Many bytes read in a single function execution (actual: ${a} bytes, limit: ${n} bytes). ${READ_HINT}`,
  },
  databaseQueries: {
    code: "TooManyReads",
    exceeded: (n) => `Too many reads in a single function execution (limit: ${n}). ${READ_HINT}`,
    warning: (a, n) =>
      `Many reads in a single function execution (actual: ${a}, limit: ${n}). ${READ_HINT}`,
  },
  documentsWritten: {
    code: "TooManyWrites",
    exceeded: (n) => `Too many writes in a single function execution (limit: ${n})`,
    warning: (a, n) => `Many writes in a single function execution (actual: ${a}, limit: ${n})`,
  },
  bytesWritten: {
    code: "TooManyBytesWritten",
    exceeded: (n) =>
      `Too many bytes written in a single function execution (limit: ${formatSize(n)})`,
    warning: (a, n) =>
      `Many bytes written in a single function execution (actual: ${a} bytes, limit: ${n} bytes)`,
  },
  functionsScheduled: {
    code: "LimitExceeded",
    exceeded: (n) => `Too many functions scheduled by this mutation (limit: ${n})`,
    warning: (a, n) => `Many functions scheduled by this mutation (actual: ${a}, limit: ${n})`,
  },
  scheduledFunctionArgsBytes: {
    code: "LimitExceeded",
    exceeded: (n) =>
      `Too large total size of the arguments of scheduled functions from this mutation (limit: ${n} bytes)`,
    warning: (a, n) =>
      `Large total size of the arguments of scheduled functions from this mutation (actual: ${a} bytes, limit: ${n} bytes)`,
  },
};

const METRICS = Object.keys(TEXTS) as TransactionMetric[];
const NO_WARNINGS: readonly string[] = [];

/** What has been read, as far as it is counted (see `ReadSet`). */
export interface IntervalCounter {
  hasMoreIntervalsThan(limit: number): boolean;
  intervalCount(): number;
}

/** Used amounts of one transaction, and the ceilings in force right now. */
export class Usage {
  readonly used: TransactionLimits = {
    bytesRead: 0,
    bytesWritten: 0,
    databaseQueries: 0,
    documentsRead: 0,
    documentsWritten: 0,
    functionsScheduled: 0,
    scheduledFunctionArgsBytes: 0,
  };
  #ceilings: TransactionLimits;
  readonly #reads: IntervalCounter | undefined;

  /** @param reads what knows how many `databaseQueries` there were: nobody charges them */
  constructor(limits: TransactionLimits, reads?: IntervalCounter) {
    this.#ceilings = limits;
    this.#reads = reads;
  }

  get ceilings(): Readonly<TransactionLimits> {
    return this.#ceilings;
  }

  /** Counts first and throws after, so the failing operation is charged too (engine.md 7.1). */
  charge(metric: TransactionMetric, amount: number): void {
    this.used[metric] += amount;
    if (this.used[metric] > this.#ceilings[metric]) this.#exceed(metric);
  }

  /** One document pulled through a source or fetched by id. */
  chargeRead(bytes: number): void {
    this.used.documentsRead += 1;
    this.used.bytesRead += bytes;
    if (this.used.documentsRead > this.#ceilings.documentsRead) this.#exceed("documentsRead");
    if (this.used.bytesRead > this.#ceilings.bytesRead) this.#exceed("bytesRead");
  }

  /** Throws the error of a metric that is counted elsewhere. */
  failOn(metric: TransactionMetric): never {
    return this.#exceed(metric);
  }

  /**
   * Lowers the ceilings to `used + budget` for a nested call; never raises one (engine.md 7.3).
   * @returns puts the former ceilings back
   */
  restrict(budget: Partial<TransactionLimits>): () => void {
    const former = this.#ceilings;
    const lowered = { ...former };
    for (const metric of Object.keys(budget) as TransactionMetric[]) {
      const allowed = budget[metric];
      if (allowed === undefined) continue;
      lowered[metric] = Math.min(former[metric], this.#amountOf(metric) + allowed);
    }
    this.#ceilings = lowered;
    return () => {
      this.#ceilings = former;
    };
  }

  /** Texts for every metric above 80 % of its limit, as Convex appends them to the logs. */
  warnings(): readonly string[] {
    if (this.#isFarBelow()) return NO_WARNINGS;
    let warnings: string[] | undefined;
    for (const metric of METRICS) {
      if (!this.#isNearCeiling(metric)) continue;
      warnings ??= [];
      warnings.push(TEXTS[metric].warning(this.#amountOf(metric), this.#ceilings[metric]));
    }
    return warnings ?? NO_WARNINGS;
  }

  /** No metric is near its ceiling, told without a loop: it is asked after every call. */
  #isFarBelow(): boolean {
    const used = this.used;
    const limits = this.#ceilings;
    return (
      used.bytesRead <= 0.8 * limits.bytesRead &&
      used.bytesWritten <= 0.8 * limits.bytesWritten &&
      used.documentsRead <= 0.8 * limits.documentsRead &&
      used.documentsWritten <= 0.8 * limits.documentsWritten &&
      used.functionsScheduled <= 0.8 * limits.functionsScheduled &&
      used.scheduledFunctionArgsBytes <= 0.8 * limits.scheduledFunctionArgsBytes &&
      !this.#reads?.hasMoreIntervalsThan(0.8 * limits.databaseQueries)
    );
  }

  #isNearCeiling(metric: TransactionMetric): boolean {
    const limit = this.#ceilings[metric];
    // Counting intervals exactly is work: first see whether it can matter.
    if (metric === "databaseQueries" && !this.#reads?.hasMoreIntervalsThan(0.8 * limit))
      return false;
    const amount = this.#amountOf(metric);
    return amount > 0.8 * limit && amount <= limit;
  }

  #amountOf(metric: TransactionMetric): number {
    return metric === "databaseQueries" ? (this.#reads?.intervalCount() ?? 0) : this.used[metric];
  }

  #exceed(metric: TransactionMetric): never {
    const limit = this.#ceilings[metric];
    throw userError(TEXTS[metric].code, TEXTS[metric].exceeded(limit), { metric, limit });
  }
}
