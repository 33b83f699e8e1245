/**
 * The fields Convex itself puts on every document, and the indexes it keeps on every table.
 * Types only; the values are made by the database.
 */

import type { Expand } from "../values/validator";
import type { GenericId } from "../values/value";
import type { GenericDocument } from "./data-model";
import type { BetterOmit } from "./object-shape";

/** What every document has besides its `_id`. */
export type SystemFields = {
  /** When the document was inserted: milliseconds since the Unix epoch, fractional. */
  _creationTime: number;
};

/** The `_id` every document of a table has. */
export type IdField<TableName extends string> = {
  _id: GenericId<TableName>;
};

/** A document as `insert` takes it: without `_id` and `_creationTime`. */
export type WithoutSystemFields<Document extends GenericDocument> = Expand<
  BetterOmit<Document, keyof SystemFields | "_id">
>;

/** A document as `replace` takes it: `_id` and `_creationTime` may be repeated or left out. */
export type WithOptionalSystemFields<Document extends GenericDocument> = Expand<
  WithoutSystemFields<Document> & Partial<Pick<Document, keyof SystemFields | "_id">>
>;

/** The indexes every table has without declaring them. */
export type SystemIndexes = {
  by_id: ["_id"];
  by_creation_time: ["_creationTime"];
};

/** The field every index ends in, after the declared ones, so that its order is total. */
export type IndexTiebreakerField = "_creationTime";
