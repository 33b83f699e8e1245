/**
 * Checks of what every backend reads, options and stored rows: small enough to be part of every
 * bundle, which zod is not. What clients send goes through zod, in the parts that are loaded for it.
 */

/** Looks at a value found at `path`. @throws what is wrong with it, by the reporter it was made for */
export type Check = (value: unknown, path: string, refuse: Refuse) => void;

/** Throws an error about the value at `path`. */
export type Refuse = (path: string, problem: string) => never;

/** What is left out needs no check. */
export function optional(check: Check): Check {
  return (value, path, refuse) => {
    if (value !== undefined) check(value, path, refuse);
  };
}

/** @param wanted completes "expected …" */
export function satisfying(test: (value: unknown) => boolean, wanted: string): Check {
  return (value, path, refuse) => {
    if (!test(value)) refuse(path, `expected ${wanted}, received ${nameOf(value)}`);
  };
}

/** An object with these properties, and whatever others. */
export function properties(checks: Readonly<Record<string, Check>>): Check {
  const entries = Object.entries(checks);
  return (value, path, refuse) => {
    anObject(value, path, refuse);
    for (const [name, check] of entries) {
      check((value as Record<string, unknown>)[name], join(path, name), refuse);
    }
  };
}

/** An object with these properties and no others. */
export function shape(checks: Readonly<Record<string, Check>>): Check {
  const checkKnown = properties(checks);
  return (value, path, refuse) => {
    checkKnown(value, path, refuse);
    const unknown = Object.keys(value as object).find((name) => !Object.hasOwn(checks, name));
    if (unknown !== undefined) refuse(path, `unrecognized key: "${unknown}"`);
  };
}

/** An object whose every property passes. */
export function dictionary(check: Check): Check {
  return (value, path, refuse) => {
    anObject(value, path, refuse);
    for (const [name, each] of Object.entries(value as object)) {
      check(each, join(path, name), refuse);
    }
  };
}

export const anything: Check = () => {};
export const text = satisfying((value) => typeof value === "string", "string");
export const flag = satisfying((value) => typeof value === "boolean", "boolean");
export const callable = satisfying((value) => typeof value === "function", "function");
export const count = satisfying(
  (value) => Number.isInteger(value) && (value as number) >= 0,
  "a whole number that is not negative",
);

export const atLeastZero = satisfying(
  (value) => typeof value === "number" && Number.isFinite(value) && value >= 0,
  "a number that is not negative",
);

const anObject = satisfying(
  (value) => typeof value === "object" && value !== null && !Array.isArray(value),
  "object",
);

function nameOf(value: unknown): string {
  if (value === null) return "null";
  if (typeof value === "string" || typeof value === "number") return JSON.stringify(value);
  return Array.isArray(value) ? "array" : typeof value;
}

function join(path: string, name: string): string {
  if (!/^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(name))
    return `${path}[${JSON.stringify(name)}]`;
  return path === "" ? name : `${path}.${name}`;
}
