/** Validators as JSON, from classes of this package and of `convex` alike. */
import { convexToJson } from "./convex-json";
import type { GenericValidator, PropertyValidators } from "./validator";
import type { ObjectFieldType, RecordKeyValidatorJSON, ValidatorJSON } from "./validator-json";
import type { Value } from "./value";

/** A validator as JSON, whichever package it is from. */
export function validatorToJson(validator: GenericValidator): ValidatorJSON {
  // Every validator has this; neither package's types tell.
  return (validator as unknown as { readonly json: ValidatorJSON }).json;
}

/** Makes the JSON of a validator of this package; its parts may be of the other. */
export function describeValidator(validator: GenericValidator): ValidatorJSON {
  switch (validator.kind) {
    case "float64":
      return { type: "number" };
    case "int64":
      return { type: "bigint" };
    case "id":
      return { type: "id", tableName: validator.tableName };
    case "literal":
      return { type: "literal", value: convexToJson(validator.value as Value) };
    case "array":
      return { type: "array", value: validatorToJson(validator.element) };
    case "object":
      return { type: "object", value: fieldsToJson(validator.fields) };
    case "record":
      return {
        type: "record",
        // Whether the keys are of an allowed kind is checked when the validator is pushed.
        keys: validatorToJson(validator.key) as RecordKeyValidatorJSON,
        values: { fieldType: validatorToJson(validator.value), optional: false },
      };
    case "union":
      return { type: "union", value: validator.members.map(validatorToJson) };
    default:
      return { type: validator.kind };
  }
}

function fieldsToJson(fields: PropertyValidators): Record<string, ObjectFieldType> {
  const entries = Object.entries(fields).map(([name, validator]) => [
    name,
    { fieldType: validatorToJson(validator), optional: validator.isOptional === "optional" },
  ]);
  return Object.fromEntries(entries);
}
