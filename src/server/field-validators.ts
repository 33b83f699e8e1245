/**
 * Which values a path of a table's documents can lead to, seen from the table's validator. What an
 * index may be defined on follows from it.
 */

import type { ValidatorJSON } from "../values/validator-json";

/**
 * The validators a value at a dotted path may meet, unions taken apart; none if no document can have
 * a value there. Records and arrays end every path; `any` goes on forever.
 *
 * @example
 * validatorsAt({ type: "any" }, "a.b"); // [{ type: "any" }]
 * validatorsAt({ type: "object", value: {} }, "a"); // []
 */
export function validatorsAt(documentType: ValidatorJSON, path: string): ValidatorJSON[] {
  if (path === "_id" || path === "_creationTime") return [{ type: "any" }];
  return path
    .split(".")
    .reduce((found, field) => found.flatMap((one) => fieldOf(one, field)), members(documentType));
}

/** Whether a validator lets vectors through: arrays of numbers. */
export function acceptsVectors(validator: ValidatorJSON): boolean {
  if (validator.type === "any") return true;
  return validator.type === "array" && ["number", "any"].includes(validator.value.type);
}

function fieldOf(validator: ValidatorJSON, field: string): ValidatorJSON[] {
  if (validator.type === "any") return [validator];
  if (validator.type !== "object" || !Object.hasOwn(validator.value, field)) return [];
  const declared = validator.value[field];
  return declared === undefined ? [] : members(declared.fieldType);
}

function members(validator: ValidatorJSON): ValidatorJSON[] {
  return validator.type === "union" ? validator.value.flatMap(members) : [validator];
}
