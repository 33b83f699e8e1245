/** `invex/values`: what `convex/values` exports, under the same names. */
import * as Base64 from "./base64";

export type { AsObjectValidator } from "./as-object-validator";
export { asObjectValidator } from "./as-object-validator";
export { CommitTsPlaceholder } from "./commit-ts";
export { compareValues } from "./compare";
export { ConvexError } from "./convex-error";
export { convexToJson, jsonToConvex } from "./convex-json";
export { getConvexSize, getDocumentSize } from "./size";
export { v } from "./v";
export type {
  GenericValidator,
  Infer,
  ObjectType,
  OptionalProperty,
  PropertyValidators,
  VAny,
  VArray,
  Validator,
  VBoolean,
  VBytes,
  VCommitTs,
  VFloat64,
  VId,
  VInt64,
  VLiteral,
  VNull,
  VObject,
  VOptional,
  VRecord,
  VString,
  VUnion,
} from "./validator";
export type {
  ObjectFieldType,
  RecordKeyValidatorJSON,
  RecordValueValidatorJSON,
  ValidatorJSON,
} from "./validator-json";
export type { GenericId, JSONValue, NumericValue, Value } from "./value";
export { Base64 };
