/**
 * What V8 offers and this runtime takes away, or changes, before any user code runs: descriptors of properties can be ordinary objects here,
 * which V8 reads fastest. Each has its reason here and a case in the tests.
 *
 * An untrusted function gets what it cannot use against the host; a trusted one also gets what many libraries want and few need.
 */
import { uncaught } from './invocation.ts';
import type { GuestSettings } from '../../wire.ts';
import { guardArrayBuffers } from './array-buffers.ts';
import { coarsenClocks } from './clocks.ts';
import { guardBuiltIns } from './fatal-built-ins.ts';
import { guardFinalizers } from './finalization.ts';
import { guardSharedArrayBuffers } from './shared-array-buffers.ts';
import { forbidCodeGeneration, guardCodeGeneration } from './code-generation.ts';

const removed = {
  // A guest has no second thread to share memory with, and growable ones are not counted by the isolate's limit.
  SharedArrayBuffer: 'memory outside of the limit',
  // Of no use without shared memory; `Atomics.wait` would block a thread of the pool.
  Atomics: 'blocks a thread',
} as const;

export function shapeRealm(trust: GuestSettings['trust'], memoryMiB: number): void {
  if (trust === 'trusted') guardSharedArrayBuffers(memoryMiB * 2 ** 20);
  for (const name in removed) delete (globalThis as Record<string, unknown>)[name];
  guardArrayBuffers(memoryMiB * 2 ** 20);
  guardBuiltIns();
  guardFinalizers(uncaught);
  if (trust === 'trusted') {
    guardCodeGeneration();
  } else {
    forbidCodeGeneration();
    coarsenClocks();
  }
}
