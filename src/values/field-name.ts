/**
 * What a field of an object value may be called: at most 1024 printable ASCII characters, not
 * starting with `$` (engine.md 1.2, 1.3). The empty name is allowed, as in Convex. Declared fields
 * and tables follow the stricter `identifier.ts`.
 */
import { userError } from "../shared/errors";
import { printChar } from "./print-text";

/** The longest field name, in bytes. */
export const MAX_FIELD_NAME_LENGTH = 1024;

const DOLLAR = 0x24;

/** Whether an object may have a field of this name. O(length), no allocation. */
export function isFieldName(name: string): boolean {
  if (name.length > MAX_FIELD_NAME_LENGTH || name.charCodeAt(0) === DOLLAR) return false;
  for (let i = 0; i < name.length; i++) {
    if (!isFieldCharacter(name.charCodeAt(i))) return false;
  }
  return true;
}

/** Throws the text of Convex's JavaScript encoder unless `name` may name a field. */
export function assertFieldName(name: string): void {
  if (isFieldName(name)) return;
  throw userError("ValueInvalid", encoderText(name));
}

/** Says what is wrong with a field name in the words of Convex's backend, or nothing. */
export function fieldNameProblem(name: string): string | undefined {
  if (isFieldName(name)) return undefined;
  if (name.startsWith("$")) return `Field name ${name} starts with '$', which is reserved.`;
  const foreign = [...name].find((character) => !isFieldCharacter(character.codePointAt(0)!));
  if (foreign !== undefined) {
    return `Field name ${name} has invalid character ${printChar(foreign)}: Field names can only contain non-control ASCII characters`;
  }
  return `Field name is too long (${name.length} > maximum ${MAX_FIELD_NAME_LENGTH})`;
}

function encoderText(name: string): string {
  if (name.length > MAX_FIELD_NAME_LENGTH) {
    return `Field name ${name} exceeds maximum field name length ${MAX_FIELD_NAME_LENGTH}.`;
  }
  if (name.startsWith("$")) return `Field name ${name} starts with a '$', which is reserved.`;
  const unit = name.split("").find((character) => !isFieldCharacter(character.charCodeAt(0)));
  return `Field name ${name} has invalid character '${unit}': Field names can only contain non-control ASCII characters`;
}

function isFieldCharacter(code: number): boolean {
  return code >= 0x20 && code < 0x7f;
}
