/**
 * Anything as text, for messages about what was given: also what has no text of its own, or throws
 * when asked for it (objects without a prototype, revoked proxies).
 */
export function textOf(value: unknown): string {
  try {
    return String(value);
  } catch {
    return withoutText(value);
  }
}

function withoutText(value: unknown): string {
  try {
    return Object.prototype.toString.call(value);
  } catch {
    return `[${typeof value}]`;
  }
}
