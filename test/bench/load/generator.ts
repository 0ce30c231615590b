/** The generator of load, in a process of its own, so that what it costs is nobody's CPU time. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { LoadOrder, LoadResult } from './orders.ts';

type Reply = { readonly result: LoadResult } | { readonly error: string };

export class Generator implements AsyncDisposable {
  readonly #child: ChildProcess;

  constructor() {
    this.#child = fork(new URL('./generator-process.ts', import.meta.url), { serialization: 'advanced' });
  }

  async load(order: LoadOrder): Promise<LoadResult> {
    const settled = new AbortController();
    const { signal } = settled;
    const replied = once(this.#child, 'message', { signal }) as Promise<[Reply]>;
    const ended = once(this.#child, 'exit', { signal }).then((): never => {
      throw new Error('the generator of load has ended');
    });
    this.#child.send(order);
    const [reply] = await Promise.race([replied, ended]);
    // The other of the two is not waited for any more.
    ended.catch(() => {});
    settled.abort();
    if ('error' in reply) throw new Error(reply.error);
    return reply.result;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await gone;
  }
}
