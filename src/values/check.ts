/**
 * Validators compiled once and run on every value: closures that accept (`acceptor.ts`), backed by
 * an interpreter that explains (`mismatch.ts`).
 */
import type { Acceptor } from "./acceptor";
import { compileAcceptor, objectAcceptor } from "./acceptor";
import { documentType, isSystemField } from "./document-type";
import type { IdResolver } from "./id-resolver";
import { explainMismatch } from "./mismatch";
import type { ValidatorJSON } from "./validator-json";
import type { Value, ValueObject } from "./value";

export type { IdResolver } from "./id-resolver";

/** Says why a value does not match, in Convex's words (engine.md 2.4), or `undefined` if it does. */
export type ValueCheck = (value: Value) => string | undefined;

/**
 * Compiles a validator. The result takes canonical values (see `canonical.ts`) and may be kept as
 * long as `ids` is right; it asks `ids` anew on every call.
 *
 * @example
 * ```ts
 * const check = compileValidator({ type: "string" }, ids);
 * check("x"); // => undefined
 * check(1); // => "Value does not match validator.\n\nValue: 1.0\nValidator: v.string()"
 * ```
 */
export function compileValidator(json: ValidatorJSON, ids: IdResolver): ValueCheck {
  const accepts = compileAcceptor(json, ids);
  return (value) => (accepts(value) ? undefined : explainMismatch(value, json, ids));
}

/**
 * Compiles the validator of a table for stored documents, which have both system fields: they are
 * not checked, and no error mentions them.
 */
export function compileDocumentValidator(
  json: ValidatorJSON,
  ids: IdResolver,
): (document: ValueObject) => string | undefined {
  const type = documentType(json);
  const accepts = documentAcceptor(type, ids);
  return (document) =>
    accepts(document) ? undefined : explainMismatch(withoutSystemFields(document), type, ids);
}

const SYSTEM_FIELD_COUNT = 2;

function documentAcceptor(type: ValidatorJSON, ids: IdResolver): Acceptor {
  if (type.type === "object") return objectAcceptor(type.value, ids, SYSTEM_FIELD_COUNT);
  if (type.type !== "union") return compileAcceptor(type, ids);
  const members = type.value.map((member) => documentAcceptor(member, ids));
  return (document) => members.some((accepts) => accepts(document));
}

function withoutSystemFields(document: ValueObject): ValueObject {
  return Object.fromEntries(Object.entries(document).filter(([name]) => !isSystemField(name)));
}
