/** `node:worker_threads`: that this is the main thread, and channels within it. */
import { part } from '../core/facade.ts';
import { unavailable, unavailableClasses, unavailableFunctions } from './shared/unavailable.ts';

const module = 'node:worker_threads';
const { BroadcastChannel, MessageChannel, MessagePort, takeMessage } = part('messaging');
const { Worker } = unavailableClasses(module, 'there are no threads; call another function with fetch', {
  Worker: ['postMessage', 'postMessageToThread', 'ref', 'unref'],
});
for (const name of ['terminate', 'getHeapSnapshot', 'getHeapStatistics']) {
  define(name, async (): Promise<never> => {
    throw unavailable(`Worker.${name} of ${module}`, 'there are no threads; call another function with fetch');
  });
}
define(Symbol.asyncDispose, async function dispose(this: { terminate(): Promise<void> }): Promise<void> {
  await this.terminate();
});

function define(name: string | symbol, value: unknown): void {
  Object.defineProperty(Worker!.prototype, name, { configurable: true, writable: true, value });
}

const environment = new Map<unknown, unknown>();

export default {
  ...unavailableFunctions(module, 'there are no threads; call another function with fetch', [
    'moveMessagePortToContext',
    'postMessageToThread',
  ]),
  Worker,
  BroadcastChannel,
  MessageChannel,
  MessagePort,
  SHARE_ENV: Symbol.for('nodejs.worker_threads.SHARE_ENV'),
  getEnvironmentData: (key: unknown): unknown => environment.get(key),
  isInternalThread: false,
  /** Nothing leaves the isolate, so that there is nothing to be kept from it. */
  isMarkedAsUntransferable: (): boolean => false,
  isMainThread: true,
  get locks(): object {
    return part('locks').locks;
  },
  markAsUncloneable(): void {},
  markAsUntransferable(): void {},
  parentPort: null,
  receiveMessageOnPort: takeMessage,
  resourceLimits: {},
  setEnvironmentData(key: unknown, value?: unknown): void {
    if (value === undefined) environment.delete(key);
    else environment.set(key, value);
  },
  threadId: 0,
  threadName: '',
  workerData: null,
};
