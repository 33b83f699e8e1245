/**
 * Cron expressions of Convex's dialect: five fields, always UTC (functions.md 5.5). Croner finds the
 * times; this file bridges what its dialect does otherwise: ranges that wrap around, `n/step`, and
 * `L-n` are put in its terms, and what Convex does not know (`?`, `@daily`, Sunday as 7) is refused.
 *
 * When both day fields are restricted, a day that matches either one counts.
 */
import { CronDate, CronPattern } from "croner";
import { userError } from "../shared/errors";

/** A compiled expression. */
export interface CronExpression {
  /**
   * The first matching time strictly after `afterMs`, in milliseconds; `undefined` when none is left
   * before the year 10000. About 5 µs.
   */
  next(afterMs: number): number | undefined;
}

interface Field {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  readonly names: readonly string[];
  /** Forms beyond numbers, ranges and steps. Each stands alone in its field. */
  readonly special: RegExp | undefined;
}

const minute: Field = { name: "minute", min: 0, max: 59, names: [], special: undefined };
const hour: Field = { name: "hour", min: 0, max: 23, names: [], special: undefined };
const dayOfMonth: Field = {
  name: "day of month",
  min: 1,
  max: 31,
  names: [],
  special: /^(L|LW|L-\d+|\d+W)$/,
};
const month: Field = {
  name: "month",
  min: 1,
  max: 12,
  names: ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"],
  special: undefined,
};
const dayOfWeek: Field = {
  name: "day of week",
  min: 0,
  max: 6,
  names: ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"],
  special: /^(L|[0-6]L|[0-6]#[1-5])$/,
};
const fields = [minute, hour, dayOfMonth, month, dayOfWeek] as const;

/**
 * Compiles `expression`.
 *
 * @throws InvexError `SchedulerInvalid` when it is not an expression of this dialect, or one that
 * matches no time at all, like the 30th of February.
 */
export function parseCronExpression(expression: string): CronExpression {
  const parts = expression.trim().toUpperCase().split(/\s+/);
  if (parts.length !== fields.length) {
    throw invalid(expression, `expected 5 fields, got ${parts.length}`);
  }
  const plain = fields.map((field, at) => plainField(parts[at] ?? "", field, expression));
  const compiled = compile(plain);
  if (compiled.next(0) !== undefined) return compiled;
  const text = `The cron spec "${expression}" will never match any time`;
  throw userError("SchedulerInvalid", text, { expression });
}

/** Rewrites one field into a form croner reads as Convex reads the original. */
function plainField(part: string, field: Field, expression: string): string {
  if (part === "*") return part;
  const numbered = field.names.reduce(
    (text, name, at) => text.replaceAll(name, `${at + field.min}`),
    lettersApart(part, field, expression),
  );
  if (field.special?.test(numbered)) return plainSpecial(numbered, field, expression);
  const values = numbered.split(",").flatMap((item) => listItem(item, field, expression));
  return [...new Set(values)].join(",");
}

/** Names are whole words: `SUNMON` and `MONDAY` are not read as something else. */
function lettersApart(part: string, field: Field, expression: string): string {
  for (const word of part.match(/[A-Z]{3,}\d*|\d+[A-Z]{2,}/g) ?? []) {
    const name = word.endsWith("L") && field.special !== undefined ? word.slice(0, -1) : word;
    if (!field.names.includes(name)) {
      throw invalid(expression, `"${word}" is no name of a ${field.name}`);
    }
  }
  return part;
}

function plainSpecial(part: string, field: Field, expression: string): string {
  if (field === dayOfWeek) return part === "L" ? "6" : part; // the last day of a week is Saturday
  const day = part.match(/\d+/)?.[0];
  if (day === undefined) return part;
  const highest = part.startsWith("L-") ? field.max - 1 : field.max;
  number(day, { ...field, max: highest }, expression);
  return part;
}

/** The values of `*`, `a` or `a-b`, each with an optional `/step`. */
function listItem(item: string, field: Field, expression: string): number[] {
  const [range = "", step, ...rest] = item.split("/");
  if (rest.length > 0) throw invalid(expression, `"${item}" has two steps`);
  const [first = "", last, ...more] = range.split("-");
  if (more.length > 0) throw invalid(expression, `"${item}" is no range`);
  if (range === "*") return stepped(field.min, field.max, step, field, expression);
  const from = number(first, field, expression);
  if (last !== undefined) {
    return stepped(from, number(last, field, expression), step, field, expression);
  }
  return step === undefined ? [from] : stepped(from, field.max, step, field, expression);
}

/** Every `step`-th value from `from` to `to`, around the end of the field when `to` is below. */
function stepped(
  from: number,
  to: number,
  step: string | undefined,
  field: Field,
  expression: string,
): number[] {
  const size = field.max - field.min + 1;
  const by = step === undefined ? 1 : number(step, { ...field, min: 1, max: size }, expression);
  const length = from <= to ? to - from : to - from + size;
  const values: number[] = [];
  for (let offset = 0; offset <= length; offset += by) {
    values.push(((from - field.min + offset) % size) + field.min);
  }
  return values;
}

function number(text: string, field: Field, expression: string): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= field.min && value <= field.max) return value;
  throw invalid(expression, `${field.name} must be ${field.min}-${field.max}, got "${text}"`);
}

function compile(parts: readonly string[]): CronExpression {
  const [minutes, hours, day = "", months, weekdays = ""] = parts;
  if (!day.startsWith("L-")) return matching(parts.join(" "));
  const daysBefore = Number(day.slice(2));
  const fromEnd = beforeMonthEnd(matching(`${minutes} ${hours} L ${months} *`), daysBefore);
  if (weekdays === "*") return fromEnd;
  return either(fromEnd, matching(`${minutes} ${hours} * ${months} ${weekdays}`));
}

function matching(pattern: string): CronExpression {
  const compiled = new CronPattern(pattern, undefined, { mode: "5-part" });
  return {
    next: (afterMs) =>
      new CronDate(new Date(afterMs), 0).increment(compiled, {}, false)?.getDate().getTime(),
  };
}

const dayMs = 86_400_000;

/** `days` before the last day of a month; months too short for that have no such day. */
function beforeMonthEnd(lastDays: CronExpression, days: number): CronExpression {
  return {
    next: (afterMs) => {
      let lastDay = lastDays.next(afterMs + days * dayMs);
      while (lastDay !== undefined && new Date(lastDay).getUTCDate() <= days) {
        lastDay = lastDays.next(lastDay);
      }
      return lastDay === undefined ? undefined : lastDay - days * dayMs;
    },
  };
}

function either(left: CronExpression, right: CronExpression): CronExpression {
  return {
    next: (afterMs) => {
      const first = left.next(afterMs);
      const second = right.next(afterMs);
      if (first === undefined || second === undefined) return first ?? second;
      return Math.min(first, second);
    },
  };
}

function invalid(expression: string, why: string): Error {
  return userError("SchedulerInvalid", `The cron spec "${expression}" is invalid: ${why}`, {
    expression,
  });
}
