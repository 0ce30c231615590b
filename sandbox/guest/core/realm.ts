/** What V8 offers and this runtime takes away before any user code runs, each with its reason. */

const removed = {
  // Its memory is not counted by the isolate's limit: 1 GB can be had in an isolate of 32 MiB.
  WebAssembly: 'memory outside of the limit',
  // Growable ones are not counted by the isolate's limit either, and a guest has no second thread to share one with.
  SharedArrayBuffer: 'memory outside of the limit',
  // Of no use without shared memory; `Atomics.wait` would block a thread of the pool.
  Atomics: 'blocks a thread',
} as const;

export function removeGlobals(): void {
  for (const name in removed) delete (globalThis as Record<string, unknown>)[name];
}
