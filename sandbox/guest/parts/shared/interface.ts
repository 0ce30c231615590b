/** Gives a class the look of a Web IDL interface: enumerable members, and a name for `Object.prototype.toString`. */
export function defineInterface(Class: { readonly prototype: object }, name: string): void {
  for (const target of [Class, Class.prototype]) {
    for (const key of Object.getOwnPropertyNames(target)) {
      if (key === 'constructor' || key === 'prototype' || key === 'name' || key === 'length') continue;
      const descriptor = Object.getOwnPropertyDescriptor(target, key)!;
      if (descriptor.configurable !== true) continue;
      Object.defineProperty(target, key, { ...descriptor, enumerable: true });
    }
  }
  Object.defineProperty(Class.prototype, Symbol.toStringTag, { configurable: true, value: name });
}

/** Makes the constructor of the class refuse everyone who does not have the key. */
export function assertKey(given: unknown, key: symbol): void {
  if (given !== key) throw new TypeError('Illegal constructor');
}

/** @param what For example "Failed to execute 'append' on 'FormData'". */
export function assertArguments(given: number, needed: number, what: string): void {
  if (given < needed) {
    throw new TypeError(`${what}: ${needed} argument${needed === 1 ? '' : 's'} needed, but only ${given} present`);
  }
}
