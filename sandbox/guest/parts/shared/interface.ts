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
  show(Class, true);
  show(Class.prototype, false);
  for (const entry of Object.keys(lengths)) defineLength(memberOf(Class, entry), lengths[entry]!);
  Object.defineProperty(Class.prototype, Symbol.toStringTag, { configurable: true, value: name });
}

const shown = Object.freeze({ __proto__: null, enumerable: true } as PropertyDescriptor);

/** Makes the own members enumerable, except for those that every class has. */
function show(target: object, isStatic: boolean): void {
  const keys = Object.getOwnPropertyNames(target);
  for (let index = 0; index < keys.length; index += 1) {
    const key = keys[index]!;
    const isUsual = isStatic ? key === 'length' || key === 'name' || key === 'prototype' : key === 'constructor';
    if (!isUsual) Object.defineProperty(target, key, shown);
  }
}

function memberOf(Class: { readonly prototype: object }, entry: string): object {
  if (entry === 'constructor') return Class;
  const [owner, key] = entry.startsWith('static ') ? [Class, entry.slice('static '.length)] : [Class.prototype, entry];
  return Object.getOwnPropertyDescriptor(owner, key)!.value as object;
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
