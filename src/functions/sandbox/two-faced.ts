/**
 * An object that is one thing inside functions and another outside. For globals that are objects
 * (`console`, `process.env`), so that a reference carried out of a function does as the host's does.
 */

/**
 * @param inside what it is while a function runs; read-only.
 * @param outside what it is otherwise: the host's, with everything one can do to it.
 */
export function twoFaced(inside: () => object | undefined, outside: () => object): object {
  const face = () => inside() ?? outside();
  const change = (act: (target: object) => boolean) => inside() === undefined && act(outside());
  return new Proxy(
    {},
    {
      get: (_, key) => Reflect.get(face(), key),
      has: (_, key) => Reflect.has(face(), key),
      ownKeys: () => Reflect.ownKeys(face()),
      getPrototypeOf: () => Reflect.getPrototypeOf(face()),
      getOwnPropertyDescriptor(_, key) {
        const descriptor = Reflect.getOwnPropertyDescriptor(face(), key);
        return descriptor === undefined ? undefined : { ...descriptor, configurable: true };
      },
      set: (_, key, value) => change((target) => Reflect.set(target, key, value)),
      deleteProperty: (_, key) => change((target) => Reflect.deleteProperty(target, key)),
      defineProperty: (_, key, to) => change((target) => Reflect.defineProperty(target, key, to)),
    },
  );
}
