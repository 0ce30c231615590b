/** The only file that uses isolated-vm's constructors. */
import ivm from 'isolated-vm';
import { setEngineFlags } from './engine-flags.ts';
import { minMemoryMiB } from './limits.ts';

export type Isolate = ivm.Isolate;
export type Context = ivm.Context;
export type Script = ivm.Script;
export type Reference<T = unknown> = ivm.Reference<T>;
type CodeCache = ivm.ExternalCopy<ArrayBuffer>;

/** @param onCatastrophe Called when V8 lost control of the isolate: its thread and memory will not come back. */
export function createIsolate(memoryMiB: number, onCatastrophe: (message: string) => void): Isolate {
  setEngineFlags();
  return new ivm.Isolate({ memoryLimit: memoryMiB, onCatastrophicError: onCatastrophe });
}

/**
 * A function of the host that a guest calls without waiting. isolated-vm queues such calls without back pressure, so only the guest
 * runtime may hold one, and it counts what it sends.
 */
export function postingCallback(receive: (...args: unknown[]) => void): ivm.Callback {
  return new ivm.Callback(guarded(receive), { ignored: true });
}

/** A function of the host that a guest waits for. It must take microseconds and never throw. */
export function synchronousCallback(call: (...args: unknown[]) => unknown): ivm.Callback {
  return new ivm.Callback(guarded(call), { sync: true });
}

/** A function of the host that a guest calls through `apply`, for a promise. */
export function hostReference(call: (...args: unknown[]) => unknown): ivm.Reference {
  return new ivm.Reference(guarded(call));
}

/** A code cache in the form in which isolates take it: outside of all heaps, once for all of them. */
export function codeCacheOf(data: Buffer): CodeCache {
  let cache = codeCaches.get(data);
  if (cache === undefined) {
    cache = new ivm.ExternalCopy(new Uint8Array(data).buffer);
    codeCaches.set(data, cache);
  }
  return cache;
}
const codeCaches = new WeakMap<Buffer, CodeCache>();

/**
 * Bytes for a guest, moved and not copied: `bytes` must own its buffer and is empty afterwards. They arrive in an array behind their number. It
 * has a `then` of its own, so that a promise that is settled with it asks no prototype for one, where the guest may have put a getter.
 */
export function transferWith(number: number, bytes: Uint8Array<ArrayBuffer>): unknown {
  // oxlint-disable-next-line unicorn/no-thenable -- for its effect
  const numbered = Object.assign([number, bytes], { then: undefined });
  return new ivm.ExternalCopy(numbered, { transferList: [bytes.buffer] }).copyInto({ transferIn: true, release: true });
}

/** A buffer that host and guest have both. */
export function sharedWith(buffer: SharedArrayBuffer): ivm.Copy<SharedArrayBuffer> {
  return new ivm.ExternalCopy(buffer).copyInto({ release: true });
}

/** A code cache as isolates themselves make them. */
export function sampleCodeCache(): Buffer {
  const isolate = new ivm.Isolate({ memoryLimit: minMemoryMiB });
  const script = isolate.compileScriptSync('0', { produceCachedData: true }) as unknown as { cachedData: CodeCache };
  const data = Buffer.from(script.cachedData.copy());
  isolate.dispose();
  return data;
}

/**
 * Errors of the host must not reach a guest: they would show file paths, and a guest can crash the process by what it does with
 * an error of isolated-vm's. The function that the guest sees has no name either.
 */
function guarded(call: (...args: unknown[]) => unknown): (...args: unknown[]) => unknown {
  const anonymous = (...args: unknown[]): unknown => {
    try {
      return call(...args);
    } catch {
      // The callers handle their own errors; whatever comes here is withheld from the guest.
      return undefined;
    }
  };
  Object.defineProperty(anonymous, 'name', { value: '' });
  return anonymous;
}
