/**
 * A naive reading of cron expressions: asks of one minute after the other whether it matches.
 * Shares nothing with src/scheduler: fields are interpreted afresh for every day that is asked about.
 */

const monthNames = [
  "jan",
  "feb",
  "mar",
  "apr",
  "may",
  "jun",
  "jul",
  "aug",
  "sep",
  "oct",
  "nov",
  "dec",
];
const dayNames = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
const minuteMs = 60_000;

/** The first matching minute strictly after `afterMs`, looking no further than `untilMs`. */
export function naiveNext(
  expression: string,
  afterMs: number,
  untilMs: number,
): number | undefined {
  const [minutes, hours, day, month, weekday] = expression.trim().toLowerCase().split(/\s+/) as [
    string,
    string,
    string,
    string,
    string,
  ];
  const minuteSet = members(minutes, 0, 59, []);
  const hourSet = members(hours, 0, 23, []);
  let dayAsked = Number.NaN;
  let isDay = false;
  for (let ms = (Math.floor(afterMs / minuteMs) + 1) * minuteMs; ms <= untilMs; ms += minuteMs) {
    const ofDay = Math.floor(ms / 86_400_000);
    if (ofDay !== dayAsked) {
      dayAsked = ofDay;
      isDay = matchesDay(new Date(ms), day, month, weekday);
    }
    if (!isDay) continue;
    const date = new Date(ms);
    if (minuteSet.has(date.getUTCMinutes()) && hourSet.has(date.getUTCHours())) return ms;
  }
  return undefined;
}

function matchesDay(date: Date, day: string, month: string, weekday: string): boolean {
  if (!members(month, 1, 12, monthNames).has(date.getUTCMonth() + 1)) return false;
  if (day === "*") return matchesWeekday(date, weekday);
  if (weekday === "*") return matchesDayOfMonth(date, day);
  return matchesDayOfMonth(date, day) || matchesWeekday(date, weekday);
}

function matchesDayOfMonth(date: Date, text: string): boolean {
  const today = date.getUTCDate();
  const length = monthLength(date);
  if (text === "l") return today === length;
  if (text === "lw") {
    let last = length;
    while (isWeekend(date, last)) last--;
    return today === last;
  }
  if (text.startsWith("l-")) return today === length - Number(text.slice(2));
  if (text.endsWith("w")) {
    const target = Number(text.slice(0, -1));
    return target <= length && today === nearestWeekday(date, target, length);
  }
  return members(text, 1, 31, []).has(today);
}

/** The weekday closest to `target`; within the month, so the 1st may become the 3rd. */
function nearestWeekday(date: Date, target: number, length: number): number {
  for (const distance of [0, -1, 1, -2, 2]) {
    const day = target + distance;
    if (day >= 1 && day <= length && !isWeekend(date, day)) return day;
  }
  return Number.NaN;
}

function matchesWeekday(date: Date, text: string): boolean {
  const weekday = date.getUTCDay();
  const today = date.getUTCDate();
  if (text === "l") return weekday === 6;
  if (text.endsWith("l")) {
    const isLast = today + 7 > monthLength(date);
    return isLast && weekday === named(text.slice(0, -1), dayNames, 0);
  }
  if (text.includes("#")) {
    const [name = "", nth] = text.split("#");
    return weekday === named(name, dayNames, 0) && Math.ceil(today / 7) === Number(nth);
  }
  return members(text, 0, 6, dayNames).has(weekday);
}

function members(text: string, min: number, max: number, names: string[]): Set<number> {
  const set = new Set<number>();
  for (const item of text.split(",")) {
    const [range = "", step = "1"] = item.split("/");
    const [first = "", last] = range.split("-");
    let from = min;
    let to = max;
    if (range !== "*") {
      from = named(first, names, min);
      if (last !== undefined) to = named(last, names, min);
      else if (!item.includes("/")) to = from;
    }
    let value = from;
    let taken = 0;
    for (;;) {
      if (taken % Number(step) === 0) set.add(value);
      if (value === to) break;
      value = value === max ? min : value + 1;
      taken++;
    }
  }
  return set;
}

function named(text: string, names: string[], min: number): number {
  const at = names.indexOf(text);
  return at === -1 ? Number(text) : at + min;
}

function isWeekend(date: Date, day: number): boolean {
  const weekday = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), day)).getUTCDay();
  return weekday === 0 || weekday === 6;
}

function monthLength(date: Date): number {
  return new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
}
