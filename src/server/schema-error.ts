/**
 * What Convex says when it refuses a schema.
 */

import type { InvexError } from "../shared/errors";
import { userError } from "../shared/errors";

/** The error of a schema that cannot be used; the text is Convex's, with the prefix it gets at push. */
export function schemaError(message: string, fields?: Record<string, unknown>): InvexError {
  return userError(
    "SchemaInvalid",
    `Hit an error while evaluating your schema:\n${message}`,
    fields,
  );
}
