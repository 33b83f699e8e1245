/** Lets an object of fields stand where a validator is wanted, as in `args: { name: v.string() }`. */
import { v } from "./v";
import type { ObjectType, PropertyValidators, Validator } from "./validator";
import { isValidator } from "./validator";

// biome-ignore lint/suspicious/noExplicitAny: a bound that every validator passes.
type Anything = any;

/** What {@link asObjectValidator} makes of its argument. */
export type AsObjectValidator<
  V extends Validator<Anything, Anything, Anything> | PropertyValidators,
> =
  V extends Validator<Anything, Anything, Anything>
    ? V
    : V extends PropertyValidators
      ? Validator<ObjectType<V>>
      : never;

/**
 * Takes fields where a validator is wanted: returns a validator unchanged, makes `v.object(fields)`
 * of anything else.
 */
export function asObjectValidator<
  V extends Validator<Anything, Anything, Anything> | PropertyValidators,
>(value: V): AsObjectValidator<V> {
  const validator = isValidator(value) ? value : v.object(value as PropertyValidators);
  return validator as AsObjectValidator<V>;
}
