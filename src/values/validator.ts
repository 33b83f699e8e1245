/**
 * The validator classes that `v` (in `v.ts`) builds, and the types over them. They carry types and their own JSON, nothing
 * else: the engine compiles that JSON (`check.ts`, `ingest.ts`) and never sees a class. In type and
 * at run time they are interchangeable with the classes of `convex/values`, in both directions.
 */
import { userError } from "../shared/errors";
import type { CommitTsPlaceholder } from "./commit-ts";
import type { ValidatorJSON } from "./validator-json";
import { describeValidator } from "./validator-to-json";
import type { GenericId } from "./value";

export { validatorToJson } from "./validator-to-json";

/** Whether a field of an object may be missing. */
export type OptionalProperty = "optional" | "required";

// biome-ignore lint/suspicious/noExplicitAny: what a validator accepts is contravariant in places; only `any` lets every validator through a bound.
type Anything = any;

/** Any validator at all. */
export type GenericValidator = Validator<Anything, Anything, Anything>;

/** A validator that may stand inside an array, a union or a record. */
type RequiredValidator = Validator<Anything, "required", Anything>;

/** Field names with their validators, as `args` and `v.object` take them. */
export type PropertyValidators = Record<string, Validator<Anything, OptionalProperty, Anything>>;

/**
 * The TypeScript type of the values that a validator accepts.
 *
 * @example
 * ```ts
 * const user = v.object({ name: v.string(), age: v.optional(v.number()) });
 * type User = Infer<typeof user>; // { name: string; age?: number }
 * ```
 */
export type Infer<T extends Validator<Anything, OptionalProperty, Anything>> = T["type"];

/** Shows an intersection of object types as one object type. */
export type Expand<ObjectType extends Record<Anything, Anything>> =
  ObjectType extends Record<Anything, Anything>
    ? { [Key in keyof ObjectType]: ObjectType[Key] }
    : never;

/** The TypeScript type of an object whose fields have these validators. */
export type ObjectType<Fields extends PropertyValidators> = Expand<
  { [Name in OptionalKeys<Fields>]?: Exclude<Infer<Fields[Name]>, undefined> } & {
    [Name in RequiredKeys<Fields>]: Infer<Fields[Name]>;
  }
>;

type OptionalKeys<Fields extends Record<string, GenericValidator>> = {
  [Name in keyof Fields]: Fields[Name]["isOptional"] extends "optional" ? Name : never;
}[keyof Fields];

type RequiredKeys<Fields extends Record<string, GenericValidator>> = Exclude<
  keyof Fields,
  OptionalKeys<Fields>
>;

/** Two parts of a dotted index field path. */
export type JoinFieldPaths<Start extends string, End extends string> = `${Start}.${End}`;

type ObjectFieldPaths<Fields extends Record<string, GenericValidator>> = {
  [Name in keyof Fields]: JoinFieldPaths<Name & string, Fields[Name]["fieldPaths"]> | Name;
}[keyof Fields] &
  string;

type TableNameOf<Type> = Type extends GenericId<infer TableName> ? TableName : string;

/** The same validator for a field that may be missing. */
export type VOptional<T extends Validator<Anything, OptionalProperty, Anything>> = T extends {
  optional(): infer Optional;
}
  ? Optional
  : never;

/**
 * A validator of values of type `Type`. Tell the kinds apart by `kind`; a switch over it may meet
 * new kinds in later versions.
 */
export type Validator<
  Type,
  IsOptional extends OptionalProperty = "required",
  FieldPaths extends string = never,
> =
  | VId<Type, IsOptional>
  | VString<Type, IsOptional>
  | VFloat64<Type, IsOptional>
  | VInt64<Type, IsOptional>
  | VCommitTs<Type, IsOptional>
  | VBoolean<Type, IsOptional>
  | VNull<Type, IsOptional>
  | VAny<Type, IsOptional>
  | VLiteral<Type, IsOptional>
  | VBytes<Type, IsOptional>
  | ObjectValidator<
      Type,
      Record<string, Validator<Anything, OptionalProperty, Anything>>,
      IsOptional,
      FieldPaths
    >
  | VArray<Type, Validator<Anything, "required", Anything>, IsOptional>
  | VRecord<
      Type,
      Validator<string, "required", Anything>,
      Validator<Anything, "required", Anything>,
      IsOptional,
      FieldPaths
    >
  | VUnion<Type, Validator<Anything, "required", Anything>[], IsOptional, FieldPaths>;

/**
 * What is common to the `VObject` classes of this package and of `convex`, which TypeScript cannot
 * relate to each other by the precise types of their generic methods.
 */
export interface ObjectValidator<
  Type,
  Fields extends Record<string, Anything>,
  IsOptional extends OptionalProperty,
  FieldPaths extends string,
> {
  readonly type: Type;
  readonly fieldPaths: FieldPaths;
  readonly isOptional: IsOptional;
  readonly isConvexValidator: true;
  readonly kind: "object";
  readonly fields: Fields;
  optional(): ObjectValidator<Type | undefined, Fields, "optional", FieldPaths>;
  omit(...fields: string[]): Anything;
  pick(...fields: string[]): Anything;
  partial(): Anything;
  extend(fields: Anything): Anything;
}

/**
 * What every validator has at run time but Convex keeps out of its types. Kept out of ours as well,
 * so that validators of both packages stay assignable to each other.
 */
class UntypedMembers {
  get json(): ValidatorJSON {
    return describeValidator(this as unknown as GenericValidator);
  }

  asOptional(): unknown {
    return (this as unknown as GenericValidator).optional();
  }
}

abstract class BaseValidator<
  Type,
  IsOptional extends OptionalProperty = "required",
  FieldPaths extends string = never,
> extends (UntypedMembers as new () => object) {
  /** Only a type: what the validator accepts. */
  declare readonly type: Type;
  /** Only a type: the index field paths of an object. */
  declare readonly fieldPaths: FieldPaths;
  /** Whether a field with this validator may be missing. */
  readonly isOptional: IsOptional;
  /** Tells validators from other objects. */
  readonly isConvexValidator: true = true;

  constructor({ isOptional }: { isOptional: IsOptional }) {
    super();
    this.isOptional = isOptional;
  }

  /** The same validator for a field that may be missing. */
  abstract optional(): Validator<Type | undefined, "optional", FieldPaths>;
}

/** The validator made by `v.id(tableName)`. */
export class VId<Type, IsOptional extends OptionalProperty = "required"> extends BaseValidator<
  Type,
  IsOptional
> {
  readonly kind = "id" as const;
  /** The table whose ids are accepted. */
  readonly tableName: TableNameOf<Type>;

  constructor({ isOptional, tableName }: { isOptional: IsOptional; tableName: TableNameOf<Type> }) {
    super({ isOptional });
    if (typeof tableName !== "string") throw invalid("v.id(tableName) requires a string");
    this.tableName = tableName;
  }

  optional(): VId<Type | undefined, "optional"> {
    return new VId<Type | undefined, "optional">({
      isOptional: "optional",
      tableName: this.tableName as TableNameOf<Type | undefined>,
    });
  }
}

/** The validator made by `v.number()` and `v.float64()`. */
export class VFloat64<
  Type = number,
  IsOptional extends OptionalProperty = "required",
> extends BaseValidator<Type, IsOptional> {
  readonly kind = "float64" as const;

  optional(): VFloat64<Type | undefined, "optional"> {
    return new VFloat64<Type | undefined, "optional">({ isOptional: "optional" });
  }
}

/** The validator made by `v.int64()`. */
export class VInt64<
  Type = bigint,
  IsOptional extends OptionalProperty = "required",
> extends BaseValidator<Type, IsOptional> {
  readonly kind = "int64" as const;

  optional(): VInt64<Type | undefined, "optional"> {
    return new VInt64<Type | undefined, "optional">({ isOptional: "optional" });
  }
}

/** The validator made by `v.commitTs()`. */
export class VCommitTs<
  Type = bigint | CommitTsPlaceholder,
  IsOptional extends OptionalProperty = "required",
> extends BaseValidator<Type, IsOptional> {
  readonly kind = "commitTs" as const;

  optional(): VCommitTs<Type | undefined, "optional"> {
    return new VCommitTs<Type | undefined, "optional">({ isOptional: "optional" });
  }
}

/** The validator made by `v.boolean()`. */
export class VBoolean<
  Type = boolean,
  IsOptional extends OptionalProperty = "required",
> extends BaseValidator<Type, IsOptional> {
  readonly kind = "boolean" as const;

  optional(): VBoolean<Type | undefined, "optional"> {
    return new VBoolean<Type | undefined, "optional">({ isOptional: "optional" });
  }
}

/** The validator made by `v.bytes()`. */
export class VBytes<
  Type = ArrayBuffer,
  IsOptional extends OptionalProperty = "required",
> extends BaseValidator<Type, IsOptional> {
  readonly kind = "bytes" as const;

  optional(): VBytes<Type | undefined, "optional"> {
    return new VBytes<Type | undefined, "optional">({ isOptional: "optional" });
  }
}

/** The validator made by `v.string()`. */
export class VString<
  Type = string,
  IsOptional extends OptionalProperty = "required",
> extends BaseValidator<Type, IsOptional> {
  readonly kind = "string" as const;

  optional(): VString<Type | undefined, "optional"> {
    return new VString<Type | undefined, "optional">({ isOptional: "optional" });
  }
}

/** The validator made by `v.null()`. */
export class VNull<
  Type = null,
  IsOptional extends OptionalProperty = "required",
> extends BaseValidator<Type, IsOptional> {
  readonly kind = "null" as const;

  optional(): VNull<Type | undefined, "optional"> {
    return new VNull<Type | undefined, "optional">({ isOptional: "optional" });
  }
}

/** The validator made by `v.any()`. */
export class VAny<
  Type = Anything,
  IsOptional extends OptionalProperty = "required",
  FieldPaths extends string = string,
> extends BaseValidator<Type, IsOptional, FieldPaths> {
  readonly kind = "any" as const;

  optional(): VAny<Type | undefined, "optional", FieldPaths> {
    return new VAny<Type | undefined, "optional", FieldPaths>({ isOptional: "optional" });
  }
}

/** The validator made by `v.object(fields)`. */
export class VObject<
  Type,
  Fields extends Record<string, GenericValidator>,
  IsOptional extends OptionalProperty = "required",
  FieldPaths extends string = ObjectFieldPaths<Fields>,
> extends BaseValidator<Type, IsOptional, FieldPaths> {
  readonly kind = "object" as const;
  /** The validator of each field. */
  readonly fields: Fields;

  constructor({ isOptional, fields }: { isOptional: IsOptional; fields: Fields }) {
    super({ isOptional });
    for (const [name, validator] of Object.entries(fields)) {
      if (validator === undefined) throw undefinedValidator(` for field "${name}"`, "v.object()");
      if (!validator.isConvexValidator) throw invalid("v.object() entries must be validators");
    }
    this.fields = fields;
  }

  optional(): VObject<Type | undefined, Fields, "optional", FieldPaths> {
    return new VObject<Type | undefined, Fields, "optional", FieldPaths>({
      isOptional: "optional",
      fields: this.fields,
    });
  }

  /** A new validator without these fields. Unknown names are ignored. */
  omit<K extends keyof Fields & string>(
    ...fields: K[]
  ): VObject<Expand<Omit<Type, K>>, Expand<Omit<Fields, K>>, IsOptional>;
  /** Never matches a call: see {@link ObjectValidator}. */
  omit(...fields: never[]): Anything;
  omit(...fields: string[]): Anything {
    const left: PropertyValidators = { ...this.fields };
    for (const name of fields) delete left[name];
    return withFields(this, left);
  }

  /** A new validator with only these fields. Throws at a name that is no field. */
  pick<K extends keyof Fields & string>(
    ...fields: K[]
  ): VObject<Expand<Pick<Type, Extract<keyof Type, K>>>, Expand<Pick<Fields, K>>, IsOptional>;
  /** Never matches a call: see {@link ObjectValidator}. */
  pick(...fields: never[]): Anything;
  pick(...fields: string[]): Anything {
    return withFields(this, Object.fromEntries(fields.map((name) => [name, this.fields[name]])));
  }

  /** A new validator in which every field of this object (not of nested ones) may be missing. */
  partial(): VObject<
    { [K in keyof Type]?: Type[K] },
    { [K in keyof Fields]: VOptional<Fields[K]> },
    IsOptional
  >;
  /** Never matches a call: see {@link ObjectValidator}. */
  partial(): Anything;
  partial(): Anything {
    const optional = Object.entries(this.fields).map(([name, field]) => [name, field.optional()]);
    return withFields(this, Object.fromEntries(optional));
  }

  /** A new validator with more fields; a field of the same name is replaced. */
  extend<NewFields extends Record<string, GenericValidator>>(
    fields: NewFields,
  ): VObject<Expand<Type & ObjectType<NewFields>>, Expand<Fields & NewFields>, IsOptional>;
  /** Never matches a call: see {@link ObjectValidator}. */
  extend(fields: never): Anything;
  extend(fields: object): Anything {
    return withFields(this, { ...this.fields, ...fields });
  }
}

/** A validator like `validator` with other fields; their precise type is the caller's to state. */
function withFields(
  validator: { readonly isOptional: OptionalProperty },
  fields: object,
): Anything {
  return new VObject({ isOptional: validator.isOptional, fields: fields as PropertyValidators });
}

/** The validator made by `v.literal(value)`. */
export class VLiteral<Type, IsOptional extends OptionalProperty = "required"> extends BaseValidator<
  Type,
  IsOptional
> {
  readonly kind = "literal" as const;
  /** The one value accepted. */
  readonly value: Type;

  constructor({ isOptional, value }: { isOptional: IsOptional; value: Type }) {
    super({ isOptional });
    if (!LITERAL_TYPES.has(typeof value)) {
      throw invalid("v.literal(value) must be a string, number, or boolean");
    }
    this.value = value;
  }

  optional(): VLiteral<Type | undefined, "optional"> {
    return new VLiteral<Type | undefined, "optional">({
      isOptional: "optional",
      value: this.value,
    });
  }
}

const LITERAL_TYPES: ReadonlySet<string> = new Set(["string", "boolean", "number", "bigint"]);

/** The validator made by `v.array(element)`. */
export class VArray<
  Type,
  Element extends RequiredValidator,
  IsOptional extends OptionalProperty = "required",
> extends BaseValidator<Type, IsOptional> {
  readonly kind = "array" as const;
  /** The validator of every element. */
  readonly element: Element;

  constructor({ isOptional, element }: { isOptional: IsOptional; element: Element }) {
    super({ isOptional });
    if (element === undefined) throw undefinedValidator("", "v.array()");
    this.element = element;
  }

  optional(): VArray<Type | undefined, Element, "optional"> {
    return new VArray<Type | undefined, Element, "optional">({
      isOptional: "optional",
      element: this.element,
    });
  }
}

/** The validator made by `v.record(keys, values)`. */
export class VRecord<
  Type,
  Key extends Validator<string, "required", Anything>,
  Value extends RequiredValidator,
  IsOptional extends OptionalProperty = "required",
  FieldPaths extends string = string,
> extends BaseValidator<Type, IsOptional, FieldPaths> {
  readonly kind = "record" as const;
  /** The validator of every key. */
  readonly key: Key;
  /** The validator of every value. */
  readonly value: Value;

  constructor({ isOptional, key, value }: { isOptional: IsOptional; key: Key; value: Value }) {
    super({ isOptional });
    assertRecordPart("key", key);
    assertRecordPart("value", value);
    if (isOptionalProperty(key)) throw invalid("Record validator cannot have optional keys");
    if (isOptionalProperty(value)) throw invalid("Record validator cannot have optional values");
    if (!key.isConvexValidator || !value.isConvexValidator) {
      throw invalid("Key and value of v.record() must be validators");
    }
    this.key = key;
    this.value = value;
  }

  optional(): VRecord<Type | undefined, Key, Value, "optional", FieldPaths> {
    return new VRecord<Type | undefined, Key, Value, "optional", FieldPaths>({
      isOptional: "optional",
      key: this.key,
      value: this.value,
    });
  }
}

/** The validator made by `v.union(...members)`. */
export class VUnion<
  Type,
  T extends RequiredValidator[],
  IsOptional extends OptionalProperty = "required",
  FieldPaths extends string = T[number]["fieldPaths"],
> extends BaseValidator<Type, IsOptional, FieldPaths> {
  readonly kind = "union" as const;
  /** The validators of which one has to accept the value. */
  readonly members: T;

  constructor({ isOptional, members }: { isOptional: IsOptional; members: T }) {
    super({ isOptional });
    members.forEach((member, i) => {
      if (member === undefined) {
        throw undefinedValidator(` for field "member at index ${i}"`, "v.union()");
      }
      if (!member.isConvexValidator) throw invalid("All members of v.union() must be validators");
    });
    this.members = members;
  }

  optional(): VUnion<Type | undefined, T, "optional", FieldPaths> {
    return new VUnion<Type | undefined, T, "optional", FieldPaths>({
      isOptional: "optional",
      members: this.members,
    });
  }
}

/** Whether `value` is a validator, of this package or of `convex`. */
export function isValidator(value: unknown): value is GenericValidator {
  return (value as { isConvexValidator?: unknown } | null | undefined)?.isConvexValidator === true;
}

function isOptionalProperty(validator: { readonly isOptional: unknown }): boolean {
  return validator.isOptional === "optional";
}

function assertRecordPart(part: string, validator: unknown): void {
  if (validator === undefined) throw undefinedValidator(` for field "${part}"`, "v.record()");
}

function undefinedValidator(field: string, builder: string): Error {
  return invalid(
    `A validator is undefined${field} in ${builder}. This is often caused by circular imports. See https://docs.convex.dev/error#undefined-validator for details.`,
  );
}

function invalid(message: string): Error {
  return userError("ValidatorInvalid", message);
}
