/**
 * Gives a class the look of a Web IDL interface: enumerable members, and a name for `Object.prototype.toString`.
 *
 * @param lengths How many arguments the constructor and methods need, where there are optional ones without a default; static ones are
 *   named `static x`.
 */
export function defineInterface(
  Class: { readonly prototype: object },
  name: string,
  lengths: Readonly<Record<string, number>> = {},
): void {
  for (const target of [Class, Class.prototype]) {
    for (const key of Object.getOwnPropertyNames(target)) {
      if (key === 'constructor' || (target === Class && (key === 'name' || key === 'length'))) continue;
      const descriptor = Object.getOwnPropertyDescriptor(target, key)!;
      if (descriptor.configurable !== true) continue;
      Object.defineProperty(target, key, { ...descriptor, enumerable: true });
      const entry = target === Class ? `static ${key}` : key;
      if (Object.hasOwn(lengths, entry)) defineLength(descriptor.value as object, lengths[entry]!);
    }
  }
  if (Object.hasOwn(lengths, 'constructor')) defineLength(Class, lengths['constructor']!);
  Object.defineProperty(Class.prototype, Symbol.toStringTag, { configurable: true, value: name });
}

function defineLength(method: object, value: number): void {
  Object.defineProperty(method, 'length', { configurable: true, value });
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
