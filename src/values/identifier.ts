/**
 * The naming rule for tables, indexes and declared fields: an identifier of at most 64 characters
 * (engine.md 3.2). What an object's own field may be called is laxer: see `field-name.ts`.
 */
import { printChar } from "./print-text";

const MAX_LENGTH = 64;

/**
 * Says what is wrong with `name` as an identifier, in Convex's words, or nothing.
 *
 * @example
 * ```ts
 * identifierProblem("a-b");
 * // => "Identifier a-b has invalid character '-': Identifiers can only contain alphanumeric characters or underscores"
 * ```
 */
export function identifierProblem(name: string): string | undefined {
  if (name === "") return "Identifier cannot be empty";
  const [first] = name;
  if (!/[A-Za-z_]/.test(first!)) {
    return `Invalid first character ${printChar(first!)} in ${name}: Identifiers must start with an alphabetic character or underscore`;
  }
  for (const character of name) {
    if (!/[A-Za-z0-9_]/.test(character)) {
      return `Identifier ${name} has invalid character ${printChar(character)}: Identifiers can only contain alphanumeric characters or underscores`;
    }
  }
  if (name.length > MAX_LENGTH) {
    return `Identifier is too long (${name.length} > maximum ${MAX_LENGTH})`;
  }
  if (/^_+$/.test(name)) return `Identifier ${name} cannot have exclusively underscores`;
  return undefined;
}

/** Whether `name` may name a table, an index or a declared field. */
export function isIdentifier(name: string): boolean {
  return identifierProblem(name) === undefined;
}
