/**
 * The process that runs esbuild for a bundler: takes one request at a time and answers it. It can be killed at any moment; see
 * bundler.ts.
 */
import { stop } from 'esbuild';
import { buildFunction } from './build.ts';
import { processTree } from './process-tree.ts';
import {
  BundleError,
  type BundleErrorCode,
  type BundleMessage,
  type BundleOutput,
  type BundleRequest,
} from './types.ts';

export type WorkerReply =
  | { readonly output: BundleOutput }
  | { readonly refused: { readonly code: BundleErrorCode; readonly messages: readonly BundleMessage[] } }
  | { readonly failed: string };

process.on('message', (request: BundleRequest) => {
  void reply(request).then((answer) => process.send?.(answer));
});

// The host has no more work, or is gone. esbuild's process ends first, while its parent is there to take note of it: in a container
// nobody else might. Then this process, with whatever it was still at.
process.on('disconnect', () => {
  void stop();
  const patience = Date.now() + 1_000;
  setInterval(() => {
    if (processTree(process.pid).length === 1 || Date.now() > patience) process.kill(process.pid, 'SIGKILL');
  }, 10);
});

async function reply(request: BundleRequest): Promise<WorkerReply> {
  try {
    return { output: await buildFunction(request) };
  } catch (error) {
    if (error instanceof BundleError) return { refused: { code: error.code, messages: error.messages } };
    return { failed: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}
