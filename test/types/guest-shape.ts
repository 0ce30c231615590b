/** What a guest has on `globalThis` beyond ECMAScript, as a function finds it. */
import { createContext, runInContext } from 'node:vm';
import { functionOf, handler, invoke, type TestSandbox } from '../support/sandbox.ts';

export interface Shape {
  /** What instances have, or the object itself where it is no class. */
  readonly members: readonly string[];
  readonly statics: readonly string[];
}

/** Runs in the guest. Globals are looked at by name, so that they are all loaded. */
const look = `
const namesOf = (object) => {
  const names = new Set();
  for (let level = object; level && level !== Object.prototype && level !== Function.prototype; level = Object.getPrototypeOf(level))
    for (const key of Object.getOwnPropertyNames(level)) names.add(key);
  return [...names];
};
const shapes = {};
for (const name of Object.getOwnPropertyNames(globalThis)) {
  const value = globalThis[name];
  const isClass = typeof value === 'function' && value.prototype !== undefined;
  shapes[name] = isClass
    ? { members: namesOf(value.prototype), statics: namesOf(value) }
    : { members: typeof value === 'object' && value !== null ? namesOf(value) : [], statics: [] };
}
return Response.json(shapes);`;

/** By the names of globals. */
export async function guestShape(sandbox: TestSandbox): Promise<Record<string, Shape>> {
  const { text } = await invoke(sandbox, functionOf(handler(look), { cpuTimeMs: 10_000 }, { trust: 'untrusted' }));
  const all = JSON.parse(text) as Record<string, Shape>;
  const standard = new Set(runInContext('Object.getOwnPropertyNames(globalThis)', createContext({})) as string[]);
  // Both are of V8, and one of them is replaced by something of the guest runtime's.
  for (const name of ['WebAssembly', 'console']) standard.delete(name);
  return Object.fromEntries(Object.entries(all).filter(([name]) => !standard.has(name)));
}
