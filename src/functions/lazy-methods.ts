/**
 * Parts of `ctx` that most functions never touch, made when first called. Their methods are own
 * enumerable properties that need no receiver, so they survive spreading and destructuring; plain
 * functions, because an object literal with getters costs a hidden class of its own every time.
 */

type Methods = Readonly<Record<string, (...args: never[]) => unknown>>;

/** An object with methods `names`, each forwarding to what `create` makes, once, at the first call. */
export function lazyMethods<T extends object>(
  names: readonly (keyof T & string)[],
  create: () => T,
): T {
  let target: T | undefined;
  const call = (name: string, args: readonly unknown[]): unknown => {
    target ??= create();
    return ((target as unknown as Methods)[name] as (...args: readonly unknown[]) => unknown)(
      ...args,
    );
  };
  const methods: Record<string, (...args: readonly unknown[]) => unknown> = {};
  for (const name of names) methods[name] = (...args) => call(name, args);
  return methods as T;
}
