/**
 * `WebAssembly`, the engine's own, within the memory limit: memories have a maximum, and code is charged. The functions that return promises
 * do their work at once, since nothing in an isolate would ever finish what the engine does in the background.
 * https://webassembly.github.io/spec/js-api/
 */
import { part, settings, takeNative } from '../core/facade.ts';
import { limitModule } from './webassembly/limit-module.ts';
import { maxPages, MemoryBudget, type MemoryLimits } from './webassembly/memory-budget.ts';

type Native = typeof globalThis.WebAssembly;
type Constructor = new (...args: never[]) => object;

const native = takeNative('WebAssembly') as Native;
const budget = new MemoryBudget();
const bufferOf = Object.getOwnPropertyDescriptor(native.Memory.prototype, 'buffer')!.get!;

export const WebAssembly = Object.create(Object.prototype) as Native;

function Memory(this: unknown, descriptor: WebAssembly.MemoryDescriptor): object {
  if (new.target === undefined) throw new TypeError('WebAssembly.Memory must be invoked with "new"');
  const memory = Reflect.construct(native.Memory, [limitDescriptor(descriptor)], new.target) as WebAssembly.Memory;
  budget.add(memory);
  return memory;
}

/** Reads a descriptor as the engine does, each member once; what the engine will refuse stays as it is. */
function limitDescriptor(descriptor: unknown): unknown {
  if ((typeof descriptor !== 'object' && typeof descriptor !== 'function') || descriptor === null) return descriptor;
  const given = descriptor as { initial?: unknown; maximum?: unknown; shared?: unknown };
  const least = given.initial;
  const initial = least === undefined ? undefined : Number(least);
  const most = given.maximum;
  const maximum = most === undefined ? undefined : Number(most);
  const shared = Boolean(given.shared);
  if (shared && settings().trust !== 'trusted') {
    throw new TypeError('WebAssembly.Memory(): shared memory is not available to untrusted functions');
  }
  const limited = { initial, maximum, shared };
  if (
    initial === undefined ||
    !isPages(initial) ||
    (maximum !== undefined && !(isPages(maximum) && maximum >= initial))
  ) {
    return limited;
  }
  if (shared && maximum === undefined) return limited;
  return { ...limited, maximum: budget.maximumFor(initial, maximum) };
}

function isPages(value: number): boolean {
  return value >= 0 && value < maxPages + 1;
}

function Module(this: unknown, bytes: BufferSource, ...rest: unknown[]): object {
  if (new.target === undefined) throw new TypeError('WebAssembly.Module must be invoked with "new"');
  return compileModule(bytes, rest, new.target);
}

function compileModule(bytes: BufferSource, rest: readonly unknown[], newTarget: object): WebAssembly.Module {
  const source = bytesOf(bytes);
  if (source === undefined)
    return Reflect.construct(native.Module, [bytes, ...rest], newTarget as Constructor) as never;
  budget.chargeCode(source.length);
  let minimum = 0;
  const limits: MemoryLimits = {
    maximumFor(pages, declared) {
      minimum += pages;
      return budget.maximumFor(pages, declared);
    },
  };
  const limited = limitModule(source, limits);
  const module = Reflect.construct(native.Module, [limited, ...rest], newTarget as Constructor) as WebAssembly.Module;
  innerPages.set(module, minimum);
  return module;
}

/** Pages that each instance of a module begins with. */
const innerPages = new WeakMap<WebAssembly.Module, number>();

function Instance(this: unknown, module: WebAssembly.Module, imports?: WebAssembly.Imports): object {
  if (new.target === undefined) throw new TypeError('WebAssembly.Instance must be invoked with "new"');
  return instantiateModule(module, imports, new.target);
}

function instantiateModule(
  module: WebAssembly.Module,
  imports: WebAssembly.Imports | undefined,
  newTarget: object,
): WebAssembly.Instance {
  const pages = innerPages.get(module) ?? 0;
  if (pages > 0) budget.assertLeft(pages);
  const args = imports === undefined ? [module] : [module, imports];
  const instance = Reflect.construct(native.Instance, args, newTarget as Constructor) as WebAssembly.Instance;
  const seen = Object.values(instance.exports).filter((value) => value instanceof native.Memory);
  for (const memory of seen) budget.add(memory as WebAssembly.Memory);
  if (seen.length === 0) budget.addInner(pages);
  return instance;
}

/** A copy, since the bytes must not change while they are looked at; `undefined` for what the engine will refuse. */
function bytesOf(source: BufferSource): Uint8Array | undefined {
  try {
    if (ArrayBuffer.isView(source)) {
      return new Uint8Array(source.buffer as ArrayBuffer, source.byteOffset, source.byteLength).slice();
    }
    bufferLength.call(source);
    return new Uint8Array(source).slice();
  } catch {
    // Detached, or no buffer at all.
    return undefined;
  }
}
const bufferLength = Object.getOwnPropertyDescriptor(ArrayBuffer.prototype, 'byteLength')!.get!;

async function compile(bytes: BufferSource): Promise<WebAssembly.Module> {
  return compileModule(bytes, [], WebAssembly.Module);
}

async function instantiate(source: BufferSource | WebAssembly.Module, imports?: WebAssembly.Imports): Promise<unknown> {
  if (source instanceof native.Module) return instantiateModule(source, imports, WebAssembly.Instance);
  const module = compileModule(source as BufferSource, [], WebAssembly.Module);
  // The imports are read later, as they would be if this took time.
  await undefined;
  return { module, instance: instantiateModule(module, imports, WebAssembly.Instance) };
}

async function compileStreaming(source: unknown): Promise<WebAssembly.Module> {
  return compile(await bytesOfResponse(await source));
}

async function instantiateStreaming(source: unknown, imports?: WebAssembly.Imports): Promise<unknown> {
  return instantiate(await bytesOfResponse(await source), imports);
}

async function bytesOfResponse(value: unknown): Promise<ArrayBuffer> {
  const { Response } = part('fetch');
  if (!(value instanceof Response)) throw new TypeError('a Response is needed, or a promise of one');
  if (!value.ok) throw new TypeError(`the response has the status ${value.status}`);
  const type = value.headers.get('content-type')?.trim().toLowerCase();
  if (type !== 'application/wasm') throw new TypeError(`the response has the type ${type}, not application/wasm`);
  return value.arrayBuffer();
}

function standInFor(original: Constructor, replacement: unknown): void {
  const { name, length, prototype } = original;
  Object.defineProperties(replacement as object, {
    name: { configurable: true, value: name },
    length: { configurable: true, value: length },
    prototype: { value: prototype, writable: false },
  });
  for (const key of Reflect.ownKeys(original)) {
    if (Object.hasOwn(replacement as object, key)) continue;
    Object.defineProperty(replacement as object, key, Object.getOwnPropertyDescriptor(original, key)!);
  }
  Object.defineProperty(prototype, 'constructor', { configurable: true, writable: true, value: replacement });
  define(name, replacement, false);
}

function define(name: string, value: unknown, enumerable: boolean): void {
  Object.defineProperty(WebAssembly, name, { configurable: true, enumerable, writable: true, value });
}

for (const key of Reflect.ownKeys(native)) {
  Object.defineProperty(WebAssembly, key, Object.getOwnPropertyDescriptor(native, key)!);
}
standInFor(native.Memory as never, Memory);
standInFor(native.Module as never, Module);
standInFor(native.Instance as never, Instance);
Object.defineProperty(instantiate, 'length', { configurable: true, value: 1 });
const functions = { compile, instantiate, compileStreaming, instantiateStreaming };
for (const [name, value] of Object.entries(functions)) define(name, value, true);

/** Growing by hand is held to the budget, too; `maximum` alone would let each memory have all of it. */
const { grow } = native.Memory.prototype;
Object.defineProperty(native.Memory.prototype, 'grow', {
  configurable: true,
  enumerable: true,
  writable: true,
  value: {
    grow(this: WebAssembly.Memory, delta: number): number {
      // The engine's own check of the receiver comes first.
      bufferOf.call(this);
      const pages = Number(delta);
      if (pages > 0 && isPages(pages)) budget.assertLeft(pages);
      return grow.call(this, pages);
    },
  }.grow,
});
