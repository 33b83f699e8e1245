/**
 * Validators as JSON: what `exportArgs()`, `exportReturns()` and an exported schema hold, and the
 * only form the engine reads. Both authoring fronts (`convex` and `invex`) produce it. The rules a
 * validator has to keep to be accepted are in `validator-rules.ts`, its meaning in `check.ts`.
 */
import type { JSONValue } from "./value";

/** A validator as JSON. Note that Int64 is spelled `bigint` and Float64 `number`. */
export type ValidatorJSON =
  | { type: "null" }
  | { type: "number" }
  | { type: "bigint" }
  | { type: "commitTs" }
  | { type: "boolean" }
  | { type: "string" }
  | { type: "bytes" }
  | { type: "any" }
  | { type: "literal"; value: JSONValue }
  | { type: "id"; tableName: string }
  | { type: "array"; value: ValidatorJSON }
  | { type: "record"; keys: RecordKeyValidatorJSON; values: RecordValueValidatorJSON }
  | { type: "object"; value: Record<string, ObjectFieldType> }
  | { type: "union"; value: ValidatorJSON[] };

/** A field of an object validator. */
export type ObjectFieldType = { fieldType: ValidatorJSON; optional: boolean };

/** What the keys of a record may be. */
export type RecordKeyValidatorJSON =
  | { type: "string" }
  | { type: "id"; tableName: string }
  | { type: "union"; value: RecordKeyValidatorJSON[] };

/** What the values of a record are: never optional. */
export type RecordValueValidatorJSON = ObjectFieldType & { optional: false };

/** The object form of {@link ValidatorJSON}. */
export type ObjectValidatorJSON = Extract<ValidatorJSON, { type: "object" }>;
