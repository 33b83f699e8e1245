/**
 * The fast road into the engine for values of unknown shape: copies a JavaScript value into
 * canonical form and, in the same walk, proves that it keeps every rule of Convex except size.
 * It never explains: on the slightest doubt it answers {@link REJECTED}, and the slow road
 * (`canonicalCopy`, then the checks of `limits.ts`) decides and words the error.
 */
import { Habit, type Shape } from "./habit";
import { countBytes, countText, SCALAR_BYTES } from "./ingested-bytes";
import { MAX_ARRAY_LENGTH } from "./limits";
import { plainArrayCopy } from "./plain-object";
import { isWellFormed } from "./utf8";
import type { Value, ValueObject } from "./value";
import { fitsInt64 } from "./value";

/** The answer of every fast road that gives up. */
export const REJECTED: unique symbol = Symbol("rejected");
export type Rejected = typeof REJECTED;

/** For those who read all sorts of values. */
const common = new Habit();

/**
 * A fresh canonical copy of `value`, or {@link REJECTED}: keys sorted, `undefined` properties
 * dropped, strings valid Unicode, at most `levels` levels of arrays and objects.
 *
 * @param habit of a reader of its own, for values that will be much alike
 */
export function strictCopy(
  value: unknown,
  levels: number,
  habit: Habit = common,
): Value | Rejected {
  switch (typeof value) {
    case "string":
      if (!isWellFormed(value)) return REJECTED;
      countText(value);
      return value;
    case "number":
    case "boolean":
      return value;
    case "bigint":
      return fitsInt64(value) ? value : REJECTED;
    case "object":
      return value === null ? null : copyObject(value, levels, habit);
    default:
      return REJECTED;
  }
}

function copyObject(value: object, levels: number, habit: Habit): Value | Rejected {
  if (Array.isArray(value)) return copyArray(value, levels, habit);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) {
    return copyFields(value, levels, habit);
  }
  if (!(value instanceof ArrayBuffer)) return REJECTED;
  countBytes(value.byteLength);
  return value.slice(0);
}

function copyArray(array: readonly unknown[], levels: number, habit: Habit): Value | Rejected {
  const { length } = array;
  if (levels === 0 || length > MAX_ARRAY_LENGTH) return REJECTED;
  const copy = plainArrayCopy(array, length);
  if (copy === undefined) return REJECTED;
  countBytes(SCALAR_BYTES * (1 + copy.length));
  for (let i = 0; i < copy.length; i++) {
    const element = strictCopy(copy[i], levels - 1, habit);
    if (element === REJECTED) return REJECTED;
    if (element !== copy[i]) copy[i] = element;
  }
  return copy as Value[];
}

function copyFields(object: object, levels: number, habit: Habit): Value | Rejected {
  if (levels === 0) return REJECTED;
  const last = habit.shape;
  // Most objects are like the one before.
  if (last?.isSorted) {
    const whole = copyWhole(object, levels, habit, last);
    if (whole !== undefined) return whole;
  }
  const shape = habit.shapeOf(object);
  if (shape === undefined) return REJECTED;
  const whole =
    shape.isSorted && shape !== last ? copyWhole(object, levels, habit, shape) : undefined;
  return whole ?? copyByName(object, levels, habit, shape);
}

/**
 * Copies an object that has just these fields, in canonical order, as documents do: V8 copies those
 * whole at a fraction of what it takes field by field. `undefined` for all others.
 */
function copyWhole(
  object: object,
  levels: number,
  habit: Habit,
  shape: Shape,
): Value | Rejected | undefined {
  const copy = habit.spread(object) as ValueObject;
  // Before anything inside is looked at: who gives up after that has read it in vain, at every level.
  if (!isOfShape(copy, shape)) return undefined;
  countBytes(shape.bytes);
  for (const key in copy) {
    const field = copy[key];
    const value = strictCopy(field, levels - 1, habit.inner);
    if (value === REJECTED) return REJECTED;
    if (value !== field) copy[key] = value;
  }
  return copy;
}

function isOfShape(copy: ValueObject, { names }: Shape): boolean {
  let count = 0;
  for (const key in copy) {
    if (key !== names[count] || copy[key] === undefined) return false;
    count++;
  }
  // Symbols are no fields, and were copied too.
  return count === names.length && Object.getOwnPropertySymbols(copy).length === 0;
}

function copyByName(object: object, levels: number, habit: Habit, shape: Shape): Value | Rejected {
  const { sorted } = shape;
  countBytes(shape.bytes);
  const copy = shape.make();
  for (let i = 0; i < sorted.length; i++) {
    const key = sorted[i]!;
    const field = (object as Record<string, unknown>)[key];
    if (field === undefined) continue;
    const value = strictCopy(field, levels - 1, habit.inner);
    if (value === REJECTED) return REJECTED;
    copy[key] = value;
  }
  return copy;
}
