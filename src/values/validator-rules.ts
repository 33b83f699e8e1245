/**
 * The rules a validator has to keep before any value is checked against it, as Convex applies them
 * when functions and schemas are pushed (engine.md 2.2). Works on JSON of either authoring front.
 * That `args` are an object and a table's documents too is for those who read them to check.
 */
import { fieldNameProblem } from "./field-name";
import { identifierProblem } from "./identifier";
import { printValidator } from "./print";
import type { RecordKeyValidatorJSON, ValidatorJSON } from "./validator-json";
import type { JSONValue } from "./value";

/**
 * The first rule that a validator breaks, in Convex's words, or nothing.
 *
 * @example
 * ```ts
 * validatorProblem({ type: "literal", value: { $float: "AAAAAAAA+H8=" } });
 * // => "Infinite or NaN values are not supported in literal validators."
 * ```
 */
export function validatorProblem(json: ValidatorJSON): string | undefined {
  switch (json.type) {
    case "null":
    case "number":
    case "bigint":
    case "commitTs":
    case "boolean":
    case "string":
    case "bytes":
    case "any":
      return undefined;
    case "id":
      return identifierProblem(json.tableName);
    case "literal":
      return literalProblem(json.value);
    case "array":
      return validatorProblem(json.value);
    case "record":
      return recordProblem(json);
    case "object":
      return objectProblem(json);
    case "union":
      return firstProblem(json.value, validatorProblem);
    default:
      return `Unknown validator type ${JSON.stringify((json as { type?: unknown }).type)}`;
  }
}

const NEGATIVE_ZERO = "AAAAAAAAAIA=";

function literalProblem(literal: JSONValue): string | undefined {
  if (typeof literal !== "object") return undefined;
  if (literal === null || Array.isArray(literal)) return notALiteral(literal);
  if (typeof literal.$integer === "string") return undefined;
  if (typeof literal.$float !== "string") return notALiteral(literal);
  if (literal.$float === NEGATIVE_ZERO) return undefined;
  return "Infinite or NaN values are not supported in literal validators.";
}

function notALiteral(literal: JSONValue): string {
  return `Only strings, numbers, booleans and bigints can be literals, not ${JSON.stringify(literal)}`;
}

function recordProblem(json: Extract<ValidatorJSON, { type: "record" }>): string | undefined {
  if (!isSubtypeOfString(json.keys)) {
    return `Records can only have string keys. Your validator contains a record with key typed as \`${printValidator(json.keys)}\`, which is not a subtype of \`v.string()\``;
  }
  if (holdsLiteral(json.keys)) return "Records cannot have string literal keys";
  if (json.values.optional) return "Records cannot have optional values";
  return validatorProblem(json.keys) ?? validatorProblem(json.values.fieldType);
}

function isSubtypeOfString(keys: ValidatorJSON): keys is RecordKeyValidatorJSON {
  if (keys.type === "union") return keys.value.every(isSubtypeOfString);
  if (keys.type === "literal") return typeof keys.value === "string";
  return keys.type === "string" || keys.type === "id";
}

function holdsLiteral(keys: ValidatorJSON): boolean {
  return keys.type === "union" ? keys.value.some(holdsLiteral) : keys.type === "literal";
}

function objectProblem(json: Extract<ValidatorJSON, { type: "object" }>): string | undefined {
  return firstProblem(Object.entries(json.value), ([name, { fieldType }]) => {
    const nameProblem = identifierProblem(name) ?? fieldNameProblem(name);
    if (nameProblem !== undefined) return nameProblem;
    const problem = validatorProblem(fieldType);
    return problem && `Invalid validator for key \`${name}\`: ${problem}`;
  });
}

function firstProblem<T>(
  items: readonly T[],
  problemOf: (item: T) => string | undefined,
): string | undefined {
  for (const item of items) {
    const problem = problemOf(item);
    if (problem !== undefined) return problem;
  }
  return undefined;
}
