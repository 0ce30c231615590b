/** `scheduler` as on Workers: timers to be awaited. */
import { clearTimer, type part, setTimeout } from '../core/facade.ts';
import { defineInterface } from './shared/interface.ts';

interface Options {
  readonly signal?: InstanceType<ReturnType<typeof part<'events'>>['AbortSignal']>;
}

export class Scheduler {
  wait(delay: number, { signal }: Options = {}): Promise<void> {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const abort = (): void => {
        clearTimer(timer);
        reject(signal!.reason);
      };
      const timer = setTimeout(() => {
        signal?.removeEventListener('abort', abort);
        resolve();
      }, delay);
      signal?.addEventListener('abort', abort, { once: true });
    });
  }
}

defineInterface(Scheduler, 'Scheduler', { wait: 1 });

export const scheduler = new Scheduler();
