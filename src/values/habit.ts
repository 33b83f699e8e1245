/**
 * What one reader of values remembers of the objects it has read, to be quick with the next: most
 * have the same fields in the same order as one before. Then their names need not be checked again,
 * nor put in order. Remembers names, never values.
 */
import { isFieldName } from "./field-name";
import { SCALAR_BYTES, textBytes } from "./ingested-bytes";
import { MAX_OBJECT_FIELDS } from "./limits";
import { plainObjectMaker } from "./plain-object";
import { anotherSpread, type Spread } from "./spread";
import { isSorted, type ValueObject } from "./value";

/** The fields of an object: names that an object value may have. */
export class Shape {
  /** As an object has them. */
  readonly names: readonly string[];
  /** In canonical order; the same array if that is how the object has them. */
  readonly sorted: readonly string[];
  /** What they take, their values aside. */
  readonly bytes: number;
  #isFamiliar = false;
  #make: (() => ValueObject) | undefined;

  constructor(names: readonly string[]) {
    this.names = names;
    this.sorted = isSorted(names) ? names : [...names].sort();
    const text = names.reduce((sum, name) => sum + textBytes(name), 0);
    this.bytes = SCALAR_BYTES * (1 + names.length) + text;
  }

  get isSorted(): boolean {
    return this.names === this.sorted;
  }

  /** An empty object, to be filled in canonical order. */
  make(): ValueObject {
    // A maker is dear to make, and many objects are the only ones of their shape.
    if (!this.#isFamiliar) {
      this.#isFamiliar = true;
      return {};
    }
    this.#make ??= plainObjectMaker();
    return this.#make();
  }
}

/** Shapes remembered of one level. */
const REMEMBERED = 4;

export class Habit {
  readonly spread: Spread = anotherSpread();
  /** That of the last object. */
  shape: Shape | undefined;
  readonly #known: Shape[] = [];
  #next = 0;
  #inner: Habit | undefined;

  /** For objects in fields of those this one is for. */
  get inner(): Habit {
    this.#inner ??= new Habit();
    return this.#inner;
  }

  /** The shape of `object`; `undefined` if it may not have so many fields, or fields of these names. */
  shapeOf(object: object): Shape | undefined {
    const names = Object.keys(object);
    this.shape = this.#known.find((shape) => isSame(shape.names, names)) ?? this.#learn(names);
    return this.shape;
  }

  #learn(names: readonly string[]): Shape | undefined {
    const isSound = names.length <= MAX_OBJECT_FIELDS && names.every(isOrdinaryName);
    if (!isSound) return undefined;
    const shape = new Shape(names);
    this.#known[this.#next] = shape;
    this.#next = (this.#next + 1) % REMEMBERED;
    return shape;
  }
}

function isOrdinaryName(name: string): boolean {
  return name !== "__proto__" && isFieldName(name);
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
