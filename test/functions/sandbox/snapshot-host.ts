// Every property of the objects the sandbox touches, to be compared with an earlier look.

const numbers = new WeakMap<object, number>();
let lastNumber = 0;

/** Descriptors of the global object and of all that lies below it and is ever replaced. */
export function snapshotHost(): Record<string, unknown> {
  return {
    global: look(globalThis),
    math: look(Math),
    date: look(Date),
    datePrototype: look(Date.prototype),
    console: look(console),
    crypto: look(crypto),
    cryptoPrototype: look(Object.getPrototypeOf(crypto)),
    subtlePrototype: look(Object.getPrototypeOf(crypto.subtle)),
    performance: look(performance),
    performancePrototype: look(Object.getPrototypeOf(performance)),
    promisePrototype: look(Promise.prototype),
    process: look(process),
    processListeners: Object.fromEntries(
      process.eventNames().map((name) => [String(name), process.listenerCount(name)]),
    ),
  };
}

// The first look makes the host load what it loads lazily.
snapshotHost();

/** The properties of `object`, what they hold by identity. */
function look(object: object): Record<string, unknown> {
  const properties = Reflect.ownKeys(object).map((key) => {
    const descriptor = Reflect.getOwnPropertyDescriptor(object, key) ?? {};
    const held = Object.entries(descriptor).map(([name, value]) => [name, identityOf(value)]);
    return [String(key), Object.fromEntries(held)];
  });
  return Object.fromEntries(properties);
}

function identityOf(value: unknown): unknown {
  if ((typeof value !== "object" && typeof value !== "function") || value === null) return value;
  if (!numbers.has(value)) {
    lastNumber += 1;
    numbers.set(value, lastNumber);
  }
  return `object ${numbers.get(value)}`;
}
