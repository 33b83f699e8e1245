/**
 * The rules a schema must keep to be accepted, as Convex checks them when it is pushed: names, numbers,
 * kinds of validators (engine.md 3.2 to 3.4). Works on the exported JSON, whichever front made it.
 * The rules of single indexes are in `index-check.ts`.
 */

import { documentType as withoutSystemFields } from "../values/document-type";
import { identifierProblem } from "../values/identifier";
import { printValidator } from "../values/print";
import type { ValidatorJSON } from "../values/validator-json";
import { validatorProblem } from "../values/validator-rules";
import { checkIndexes } from "./index-check";
import { schemaError } from "./schema-error";
import type { SchemaJSON, TableJSON } from "./schema-json";

/** How many tables a schema may have. */
export const MAX_TABLES = 10_000;

/**
 * Throws Convex's error for the first rule the schema breaks. O(tables × indexes × fields).
 *
 * @throws `SchemaInvalid`, with the table, and the index where there is one, in its fields.
 *
 * @example
 * checkSchema(exportSchema(schema));
 */
export function checkSchema(schema: SchemaJSON): void {
  if (schema.tables.length > MAX_TABLES) {
    throw schemaError(`Number of tables cannot exceed ${MAX_TABLES}.`);
  }
  for (const table of schema.tables) {
    checkTableName(table.tableName);
    checkDocumentType(table, table.documentType);
    if (table.stagedDocumentType !== undefined) checkDocumentType(table, table.stagedDocumentType);
    checkIndexes(table, schema.schemaValidation);
  }
}

function checkTableName(table: string): void {
  if (identifierProblem(table) !== undefined) {
    throw schemaError(
      `Invalid table name: "${table}". Identifiers must start with a letter and can only contain letters, digits, and underscores.`,
      { table },
    );
  }
  if (table.startsWith("_")) throw schemaError(`${table} is a reserved table name.`, { table });
}

function checkDocumentType({ tableName: table }: TableJSON, documentType: ValidatorJSON): void {
  if (!describesDocuments(documentType)) {
    throw schemaError(
      `The document validator in a schema must be an object, a union of objects, or \`v.any()\`. Found ${printValidator(documentType)}. See https://docs.convex.dev/database/schemas.`,
      { table },
    );
  }
  const problem = validatorProblem(withoutSystemFields(documentType));
  if (problem !== undefined) throw schemaError(problem, { table });
}

function describesDocuments(documentType: ValidatorJSON): boolean {
  if (documentType.type !== "union") return isDocumentObject(documentType);
  return documentType.value.every(({ type }) => type === "object");
}

function isDocumentObject({ type }: ValidatorJSON): boolean {
  return type === "object" || type === "any";
}
