/**
 * Text as Convex's (Rust) backend prints it inside messages: quoted strings and characters with
 * Rust's debug escapes. Whole values are printed by `print.ts`.
 */

const NAMED_ESCAPES = new Map([
  ["\0", "\\0"],
  ["\t", "\\t"],
  ["\n", "\\n"],
  ["\r", "\\r"],
  ["\\", "\\\\"],
]);

/** Control, format, unassigned, private, separator (except the space) and combining characters. */
const NOT_PRINTABLE = /(?! )[\p{C}\p{Z}\p{Grapheme_Extend}]/u;

/** A string in double quotes with Rust's escapes. */
export function printString(text: string): string {
  let printed = '"';
  for (const character of text) printed += character === '"' ? '\\"' : escapeChar(character);
  return `${printed}"`;
}

/** One character in single quotes with Rust's escapes. */
export function printChar(character: string): string {
  return `'${character === "'" ? "\\'" : escapeChar(character)}'`;
}

function escapeChar(character: string): string {
  const named = NAMED_ESCAPES.get(character);
  if (named !== undefined) return named;
  if (!NOT_PRINTABLE.test(character)) return character;
  return `\\u{${character.codePointAt(0)!.toString(16)}}`;
}
