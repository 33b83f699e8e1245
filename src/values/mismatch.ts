/**
 * The meaning of validators (engine.md 2.3) as a plain interpreter that says what is wrong and
 * where, in Convex's words (2.4). `check.ts` runs it only on values its fast closures did not take.
 */
import { unreachable } from "../shared/assert";
import { isCommitTsPlaceholder } from "./commit-ts";
import { valuesEqual } from "./compare";
import { jsonToConvex } from "./convex-json";
import type { IdResolver } from "./id-resolver";
import { printValidator, printValue } from "./print";
import type { ObjectValidatorJSON, ValidatorJSON } from "./validator-json";
import type { Value, ValueObject } from "./value";
import { isArrayBuffer, isPlainObject, sortedKeys } from "./value";

/** Why a canonical value does not match, or `undefined` when it does. O(value × union members). */
export function explainMismatch(
  value: Value,
  json: ValidatorJSON,
  ids: IdResolver,
): string | undefined {
  return explain(value, json, { path: "", ids });
}

interface Place {
  /** Empty at the top, else like `.a[0].values()`. */
  readonly path: string;
  readonly ids: IdResolver;
}

function explain(value: Value, json: ValidatorJSON, place: Place): string | undefined {
  switch (json.type) {
    case "any":
      return undefined;
    case "null":
      return unless(value === null, value, json, place);
    case "number":
    case "boolean":
    case "string":
      return unless(typeof value === json.type, value, json, place);
    case "bytes":
      return unless(isArrayBuffer(value), value, json, place);
    case "bigint":
    case "commitTs":
      return unless(isInt64(value), value, json, place);
    case "literal":
      return explainLiteral(value, jsonToConvex(json.value), place);
    case "id":
      return explainId(value, json, place);
    case "array":
      return explainArray(value, json, place);
    case "record":
      return explainRecord(value, json, place);
    case "object":
      return explainObject(value, json, place);
    case "union":
      return explainUnion(value, json, place);
    default:
      return unreachable(json);
  }
}

function unless(
  matches: boolean,
  value: Value,
  json: ValidatorJSON,
  place: Place,
): string | undefined {
  return matches ? undefined : noMatch(value, json, place);
}

function noMatch(value: Value, json: ValidatorJSON, place: Place): string {
  return `Value does not match validator.\n${contextOf(place)}\nValue: ${printValue(value)}\nValidator: ${printValidator(json)}`;
}

function contextOf({ path }: Place): string {
  return path && `Path: ${path}`;
}

function isInt64(value: Value): boolean {
  return (
    typeof value === "bigint" ||
    (typeof value === "object" && value !== null && isCommitTsPlaceholder(value))
  );
}

function explainLiteral(value: Value, literal: Value, place: Place): string | undefined {
  if (valuesEqual(value, literal)) return undefined;
  return `\`${printValue(value)}\` does not match literal validator \`v.literal(${printValue(literal)})\`.${contextOf(place)}`;
}

function explainId(
  value: Value,
  json: Extract<ValidatorJSON, { type: "id" }>,
  place: Place,
): string | undefined {
  const found = typeof value === "string" ? place.ids.tableOf(value) : undefined;
  if (found === undefined) return noMatch(value, json, place);
  const expected = `which does not match the table name in validator \`v.id("${json.tableName}")\`.${contextOf(place)}`;
  if (found === "system") return `Found ID "${value}" from a system table, ${expected}`;
  if (found.table === json.tableName) return undefined;
  return `Found ID "${value}" from table \`${found.table}\`, ${expected}`;
}

function explainArray(
  value: Value,
  json: Extract<ValidatorJSON, { type: "array" }>,
  place: Place,
): string | undefined {
  if (!Array.isArray(value)) return noMatch(value, json, place);
  for (const [i, element] of value.entries()) {
    const problem = explain(element, json.value, inside(place, `[${i}]`));
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function explainRecord(
  value: Value,
  json: Extract<ValidatorJSON, { type: "record" }>,
  place: Place,
): string | undefined {
  if (!isObjectValue(value)) return noMatch(value, json, place);
  for (const key of presentKeys(value)) {
    const problem =
      explain(key, json.keys, inside(place, ".keys()")) ??
      explain(value[key]!, json.values.fieldType, inside(place, ".values()"));
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function explainObject(value: Value, json: ObjectValidatorJSON, place: Place): string | undefined {
  if (!isObjectValue(value)) return noMatch(value, json, place);
  for (const name of sortedKeys(json.value)) {
    const { fieldType, optional } = json.value[name]!;
    const field = Object.hasOwn(value, name) ? value[name] : undefined;
    if (field === undefined && !optional) return missingField(name, value, json, place);
    const problem =
      field === undefined ? undefined : explain(field, fieldType, inside(place, `.${name}`));
    if (problem !== undefined) return problem;
  }
  const extra = presentKeys(value).find((key) => !Object.hasOwn(json.value, key));
  return extra === undefined ? undefined : extraField(extra, value, json, place);
}

function missingField(name: string, value: Value, json: ValidatorJSON, place: Place): string {
  return `Object is missing the required field \`${name}\`. Consider wrapping the field validator in \`v.optional(...)\` if this is expected.\n${objectLines(value, json, place)}`;
}

function extraField(name: string, value: Value, json: ValidatorJSON, place: Place): string {
  return `Object contains extra field \`${name}\` that is not in the validator.\n${objectLines(value, json, place)}`;
}

function objectLines(value: Value, json: ValidatorJSON, place: Place): string {
  return `${contextOf(place)}\nObject: ${printValue(value)}\nValidator: ${printValidator(json)}`;
}

/** A union of one behaves as its member; members of a larger one never explain themselves. */
function explainUnion(
  value: Value,
  json: Extract<ValidatorJSON, { type: "union" }>,
  place: Place,
): string | undefined {
  if (json.value.length === 1) return explain(value, json.value[0]!, place);
  const matches = json.value.some((member) => explain(value, member, place) === undefined);
  return unless(matches, value, json, place);
}

function inside({ path, ids }: Place, segment: string): Place {
  return { path: path + segment, ids };
}

function isObjectValue(value: Value): value is ValueObject {
  return isPlainObject(value);
}

function presentKeys(value: ValueObject): string[] {
  return sortedKeys(value).filter((key) => value[key] !== undefined);
}
