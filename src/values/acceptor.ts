/**
 * Validators as closures that accept or do not: a few nanoseconds a field, no allocation. "Not
 * accepted" is no verdict; `mismatch.ts` decides those and words the error. No code is generated at
 * run time: Workers forbid it.
 */
import { unreachable } from "../shared/assert";
import { isCommitTsPlaceholder } from "./commit-ts";
import { valuesEqual } from "./compare";
import { jsonToConvex } from "./convex-json";
import type { IdResolver } from "./id-resolver";
import type { ObjectFieldType, ValidatorJSON } from "./validator-json";
import type { JSONValue, Value, ValueObject } from "./value";
import { isArrayBuffer } from "./value";

/** Whether a canonical value certainly matches. */
export type Acceptor = (value: Value) => boolean;

/** The acceptor of a validator. */
export function compileAcceptor(json: ValidatorJSON, ids: IdResolver): Acceptor {
  switch (json.type) {
    case "any":
      return () => true;
    case "null":
      return (value) => value === null;
    case "number":
      return (value) => typeof value === "number";
    case "boolean":
      return (value) => typeof value === "boolean";
    case "string":
      return (value) => typeof value === "string";
    case "bytes":
      return (value) => isArrayBuffer(value);
    case "bigint":
    case "commitTs":
      return isInt64;
    case "literal":
      return literalAcceptor(json.value);
    case "id":
      return idAcceptor(json.tableName, ids);
    case "array":
      return arrayAcceptor(compileAcceptor(json.value, ids));
    case "record":
      return recordAcceptor(
        compileAcceptor(json.keys, ids),
        compileAcceptor(json.values.fieldType, ids),
      );
    case "object":
      return objectAcceptor(json.value, ids, 0);
    case "union":
      return unionAcceptor(json.value.map((member) => compileAcceptor(member, ids)));
    default:
      return unreachable(json);
  }
}

/** The placeholder of a commit timestamp counts as the largest Int64. */
function isInt64(value: Value): boolean {
  return (
    typeof value === "bigint" ||
    (typeof value === "object" && value !== null && isCommitTsPlaceholder(value))
  );
}

function literalAcceptor(json: JSONValue): Acceptor {
  const literal = jsonToConvex(json);
  if (typeof literal === "string" || typeof literal === "boolean")
    return (value) => value === literal;
  return (value) => valuesEqual(value, literal);
}

function idAcceptor(tableName: string, ids: IdResolver): Acceptor {
  return (value) => {
    if (typeof value !== "string") return false;
    const found = ids.tableOf(value);
    return typeof found === "object" && found.table === tableName;
  };
}

function arrayAcceptor(accepts: Acceptor): Acceptor {
  return (value) => {
    if (!Array.isArray(value)) return false;
    for (let i = 0; i < value.length; i++) {
      if (!accepts(value[i]!)) return false;
    }
    return true;
  };
}

function recordAcceptor(acceptsKey: Acceptor, acceptsValue: Acceptor): Acceptor {
  return (value) => {
    if (!isObjectValue(value)) return false;
    for (const key in value) {
      if (!acceptsKey(key) || !acceptsValue(value[key]!)) return false;
    }
    return true;
  };
}

/**
 * Accepts objects with the declared fields and exactly `undeclared` others, which the caller knows:
 * none, or the system fields of a document.
 */
export function objectAcceptor(
  fields: Readonly<Record<string, ObjectFieldType>>,
  ids: IdResolver,
  undeclared: number,
): Acceptor {
  const names = literalsFirst(fields);
  // A field such as `toString` is found in every object; leave those to the interpreter.
  if (names.some((name) => name in Object.prototype)) return () => false;
  const acceptors = names.map((name) => compileAcceptor(fields[name]!.fieldType, ids));
  const optional = names.map((name) => fields[name]!.optional);
  return (value) => {
    if (!isObjectValue(value)) return false;
    let expected = undeclared;
    for (let i = 0; i < names.length; i++) {
      const field = value[names[i]!];
      if (field === undefined) {
        if (!optional[i]) return false;
      } else {
        if (!acceptors[i]!(field)) return false;
        expected++;
      }
    }
    for (const _ in value) expected--;
    return expected === 0;
  };
}

/** The tags of tagged unions come first, so that most members refuse at their first field. */
function literalsFirst(fields: Readonly<Record<string, ObjectFieldType>>): string[] {
  const isLiteral = (name: string) => Number(fields[name]!.fieldType.type === "literal");
  return Object.keys(fields).sort((a, b) => isLiteral(b) - isLiteral(a));
}

function unionAcceptor(members: readonly Acceptor[]): Acceptor {
  return (value) => {
    for (let i = 0; i < members.length; i++) {
      if (members[i]!(value)) return true;
    }
    return false;
  };
}

/** Canonical objects have one of two prototypes. */
function isObjectValue(value: Value): value is ValueObject {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
