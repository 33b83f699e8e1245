/**
 * The validator of a table's whole documents: what the table declares plus `_id` and `_creationTime`.
 */

import { userError } from "../shared/errors";
import { v } from "../values/v";
import type {
  Expand,
  GenericValidator,
  Validator,
  VFloat64,
  VId,
  VObject,
  VUnion,
} from "../values/validator";
import type { GenericId } from "../values/value";
import type { IdField, SystemFields } from "./system-fields";
import type { TableDefinition } from "./table-definition";

// biome-ignore lint/suspicious/noExplicitAny: a bound that validators of every type pass
type AnyValidator = Validator<any, any, any>;

// biome-ignore lint/suspicious/noExplicitAny: a bound that every table passes
type AnyTable = TableDefinition<any, any, any, any>;

/** Validators of the system fields of one table. */
export type SystemFieldValidators<TableName extends string> = {
  _id: VId<GenericId<TableName>>;
  _creationTime: VFloat64<number>;
};

type WithSystemFields<TableName extends string, DocumentType extends AnyValidator> =
  DocumentType extends VObject<infer Type, infer Fields, infer _Optional, infer _Paths>
    ? VObject<
        Expand<IdField<TableName> & SystemFields & Type>,
        Expand<SystemFieldValidators<TableName> & Fields>
      >
    : DocumentType;

/** The type of {@link docValidator}'s result. */
export type DocValidator<TableName extends string, DocumentType extends AnyValidator> =
  DocumentType extends VUnion<infer _Type, infer Members, infer _Optional, infer _Paths>
    ? {
        [Index in keyof Members]: WithSystemFields<TableName, Members[Index]>;
        // biome-ignore lint/suspicious/noExplicitAny: members of every type
      } extends infer NewMembers extends Validator<any, "required", any>[]
      ? VUnion<WithSystemFields<TableName, Members[number]>["type"], NewMembers>
      : never
    : WithSystemFields<TableName, DocumentType>;

/**
 * The validator of a table's documents as they are read.
 *
 * @throws if the table's documents are declared to be something other than objects.
 *
 * @example
 * export const list = query({
 *   args: {},
 *   returns: v.array(docValidator("messages", schema.tables.messages)),
 *   handler: (ctx) => ctx.db.query("messages").collect(),
 * });
 */
export function docValidator<TableName extends string, Table extends AnyTable>(
  tableName: TableName,
  table: Table,
): DocValidator<TableName, Table["validator"]> {
  const whole = withSystemFields(tableName, table.validator);
  return whole as DocValidator<TableName, Table["validator"]>;
}

function withSystemFields(tableName: string, validator: GenericValidator): GenericValidator {
  switch (validator.kind) {
    case "object":
      return validator.extend({ _id: v.id(tableName), _creationTime: v.number() });
    case "union":
      return v.union(...validator.members.map((member) => withSystemFields(tableName, member)));
    case "any":
      return validator;
    default:
      throw userError(
        "SchemaInvalid",
        `Invalid validator for table "${tableName}": a table's documents must be objects, or a union of objects (see https://docs.convex.dev/database/schemas)`,
      );
  }
}
