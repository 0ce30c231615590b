import { globals } from '../manifest.ts';
import { isLoading, part } from './parts.ts';
import { defineProperty } from './primordials.ts';

/** Puts a value on `globalThis` the way built-ins are there: writable, configurable, not enumerable. */
export function installGlobal(name: string, value: unknown): void {
  defineProperty(globalThis, name, {
    __proto__: null,
    configurable: true,
    enumerable: false,
    writable: true,
    value,
  } as PropertyDescriptor);
}

/** Puts every global of the table on `globalThis` as an accessor that loads its part on first use and then makes way for the value. */
export function installLazyGlobals(): void {
  for (const name in globals) installLazyGlobal(name, globals[name as keyof typeof globals]);
}

export function installLazyGlobal(name: string, partName: string): void {
  defineProperty(globalThis, name, {
    __proto__: null,
    configurable: true,
    enumerable: false,
    get(): unknown {
      // A library may look for the native version of what it provides while it loads.
      if (isLoading(partName)) return undefined;
      const value = (part(partName) as Record<string, unknown>)[name];
      if (typeof value === 'function') nameFunction(value, name);
      installGlobal(name, value);
      return value;
    },
    set(value: unknown) {
      installGlobal(name, value);
    },
  } as PropertyDescriptor);
}

/** Bundling renames classes that mention themselves. */
function nameFunction(value: object, name: string): void {
  defineProperty(value, 'name', { __proto__: null, configurable: true, value: name } as PropertyDescriptor);
}
