/**
 * Something that is loaded or made by its first use, usually by `import()`, so that nobody pays for
 * what is not used. Made once; a load that failed is tried again by the next use.
 */
export class Late<T> {
  readonly #load: () => Promise<T>;
  #loading: Promise<T> | undefined;
  #value: T | undefined;

  constructor(load: () => Promise<T>) {
    this.#load = load;
  }

  /** The value, if it is there: nothing is loaded for it. */
  get now(): T | undefined {
    return this.#value;
  }

  /** The value. */
  ready(): Promise<T> {
    this.#loading ??= this.#load().then(
      (value) => {
        this.#value = value;
        return value;
      },
      (error: unknown) => {
        this.#loading = undefined;
        throw error;
      },
    );
    return this.#loading;
  }
}
