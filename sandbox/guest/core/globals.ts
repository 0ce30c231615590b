import { globalAttributes, globalHandlers, globals } from '../manifest.ts';
import { isLoading, part } from './parts.ts';
import { Object, Reflect, TypeError, defineHidden, defineProperty, getOwnPropertyDescriptor } from './primordials.ts';

/** Puts a value on `globalThis` the way built-ins are there. */
export function installGlobal(name: string, value: unknown): void {
  defineHidden(globalThis, name, value);
}

/**
 * The same, before any user code has run. V8 reads a descriptor with the usual prototype much faster, which is safe as long as nobody can
 * have changed that.
 */
export function installFirstGlobal(name: string, value: unknown): void {
  defineProperty(globalThis, name, { configurable: true, enumerable: false, writable: true, value });
}

/** Puts every global of the table on `globalThis` as an accessor that loads its part on first use and then makes way for the value. */
export function installLazyGlobals(): void {
  for (const name in globals) installLazyGlobal(name, globals[name as keyof typeof globals]);
  for (let index = 0; index < globalAttributes.length; index += 1) installAttribute(globalAttributes[index]!);
  for (let index = 0; index < globalHandlers.length; index += 1) installHandler(globalHandlers[index]!);
  hideLaziness(Object);
  hideLaziness(Reflect);
}

/** What is to become a plain property when it is first read is one for those who only look at it. */
function hideLaziness(owner: { getOwnPropertyDescriptor: typeof getOwnPropertyDescriptor }): void {
  const { getOwnPropertyDescriptor: original } = owner;
  const replacement = {
    getOwnPropertyDescriptor(target: object, name: PropertyKey): PropertyDescriptor | undefined {
      const descriptor = original(target, name);
      if (target !== globalThis || descriptor?.get === undefined || !(name in globals)) return descriptor;
      if (descriptor.enumerable === true) return descriptor;
      void (globalThis as Record<PropertyKey, unknown>)[name];
      return original(target, name);
    },
  };
  defineHidden(owner, 'getOwnPropertyDescriptor', replacement.getOwnPropertyDescriptor);
}

function installAttribute(name: (typeof globalAttributes)[number]): void {
  const partName = globals[name];
  let value: unknown;
  const accessor = {
    get [name](): unknown {
      assertGlobal(this);
      if (value === undefined && !isLoading(partName)) value = (part(partName) as Record<string, unknown>)[name];
      return value;
    },
    set [name](replacement: unknown) {
      assertGlobal(this);
      installGlobal(name, replacement);
    },
  };
  const { get, set } = getOwnPropertyDescriptor(accessor, name)!;
  defineProperty(globalThis, name, {
    __proto__: null,
    configurable: true,
    enumerable: true,
    get,
    set: name === 'crypto' ? undefined : set,
  } as PropertyDescriptor);
}

/** Without a receiver, the global object is meant. */
function assertGlobal(receiver: unknown): void {
  if (receiver !== globalThis && receiver !== undefined) throw new TypeError('Illegal invocation');
}

interface GlobalEvents {
  handlerOf(name: string): { get(): unknown; set(value: unknown): void };
}

function installHandler(name: string): void {
  const handler = (): ReturnType<GlobalEvents['handlerOf']> => (part('global-events') as GlobalEvents).handlerOf(name);
  defineProperty(globalThis, name, {
    __proto__: null,
    configurable: true,
    enumerable: true,
    get: () => handler().get(),
    set: (value: unknown) => handler().set(value),
  } as PropertyDescriptor);
}

/** To be called before user code has run. */
export function installLazyGlobal(name: string, partName: string): void {
  defineProperty(globalThis, name, {
    configurable: true,
    enumerable: false,
    get: () => load(name, partName),
    set: (value: unknown) => installGlobal(name, value),
  });
}

function load(name: string, partName: string): unknown {
  // A library may look for the native version of what it provides while it loads.
  if (isLoading(partName)) return undefined;
  const value = (part(partName) as Record<string, unknown>)[name];
  if (typeof value === 'function') nameFunction(value, name);
  installGlobal(name, value);
  return value;
}

/** Bundling renames classes that mention themselves. */
function nameFunction(value: object, name: string): void {
  defineProperty(value, 'name', { __proto__: null, configurable: true, value: name } as PropertyDescriptor);
}
