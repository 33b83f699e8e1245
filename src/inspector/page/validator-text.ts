/** Validators as types, and arguments to begin with. */
import type { ValidatorJSON } from "../../values/validator-json";
import { printField } from "./value-text";

/** `{ body: string, channel: Id<"channels">, draft?: boolean }` */
export function typeText(validator: ValidatorJSON): string {
  switch (validator.type) {
    case "bigint":
      return "int64";
    case "literal":
      return JSON.stringify(validator.value);
    case "id":
      return `Id<"${validator.tableName}">`;
    case "array":
      return `${grouped(validator.value)}[]`;
    case "record":
      return `Record<${typeText(validator.keys)}, ${typeText(validator.values.fieldType)}>`;
    case "union":
      return validator.value.map(typeText).join(" | ") || "never";
    case "object": {
      const fields = Object.entries(validator.value).map(
        ([name, { fieldType, optional }]) =>
          `${printField(name)}${optional ? "?" : ""}: ${typeText(fieldType)}`,
      );
      return fields.length === 0 ? "{}" : `{ ${fields.join(", ")} }`;
    }
    default:
      return validator.type;
  }
}

function grouped(validator: ValidatorJSON): string {
  const text = typeText(validator);
  return validator.type === "union" ? `(${text})` : text;
}

/** Arguments with what must be there, to be filled in. */
export function sampleText(validator: ValidatorJSON, margin = ""): string {
  switch (validator.type) {
    case "object": {
      const inner = `${margin}  `;
      const fields = Object.entries(validator.value)
        .filter(([, { optional }]) => !optional)
        .map(([name, { fieldType }]) => `${printField(name)}: ${sampleText(fieldType, inner)}`);
      return fields.length === 0 ? "{}" : `{\n${inner}${fields.join(`,\n${inner}`)}\n${margin}}`;
    }
    case "array":
      return "[]";
    case "record":
    case "any":
      return "{}";
    case "union":
      return validator.value[0] === undefined ? "null" : sampleText(validator.value[0], margin);
    case "literal":
      return JSON.stringify(validator.value);
    default:
      return SAMPLES[validator.type];
  }
}

const SAMPLES = {
  string: '""',
  id: '""',
  number: "0",
  bigint: "0n",
  commitTs: "0n",
  boolean: "false",
  null: "null",
  bytes: 'bytes("")',
} as const;
