/** Times as people read them. */
const clock = new Intl.DateTimeFormat(undefined, {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  fractionalSecondDigits: 3,
  hourCycle: "h23",
});

const whole = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });

/** `14:02:11.480` */
export function clockText(ms: number): string {
  return clock.format(ms);
}

export function dateText(ms: number): string {
  return whole.format(ms);
}

const UNITS: readonly (readonly [seconds: number, name: string])[] = [
  [86_400, "d"],
  [3600, "h"],
  [60, "min"],
  [1, "s"],
];

/** `in 3 min`, `2 h ago`, `now`. */
export function distanceText(ms: number, nowMs: number): string {
  const seconds = Math.round(Math.abs(ms - nowMs) / 1000);
  const [size, name] = UNITS.find(([unit]) => seconds >= unit) ?? [1, "s"];
  if (seconds === 0) return "now";
  const amount = `${Math.floor(seconds / size)} ${name}`;
  return ms > nowMs ? `in ${amount}` : `${amount} ago`;
}
