/** `node:inspector`: that none is open, and at use that there can be none. */
import { unavailable, unavailableClasses } from './shared/unavailable.ts';

const module = 'node:inspector';
const remedy = 'the engine is the host\u2019s; use console';

/** What an inspector would be told of requests: each throws. */
function reporter(name: string, methods: readonly string[]): Record<string, () => never> {
  return Object.fromEntries(
    methods.map((method) => [
      method,
      (): never => {
        throw unavailable(`${name}.${method} of ${module}`, remedy);
      },
    ]),
  );
}

/** Shows what it is given in an inspector only, and there is none. */
const silent = Object.fromEntries(
  [
    ...['debug', 'error', 'info', 'log', 'warn', 'dir', 'dirxml', 'table', 'trace', 'group', 'groupCollapsed'],
    ...['groupEnd', 'clear', 'count', 'countReset', 'assert', 'profile', 'profileEnd', 'time', 'timeLog', 'timeEnd'],
    'timeStamp',
  ].map((name) => [name, (): void => {}]),
);

export default {
  ...unavailableClasses(module, remedy, { Session: ['connect', 'connectToMainThread', 'disconnect', 'post'] }),
  DOMStorage: reporter('DOMStorage', [
    'domStorageItemAdded',
    'domStorageItemRemoved',
    'domStorageItemUpdated',
    'domStorageItemsCleared',
    'registerStorage',
  ]),
  Network: reporter('Network', [
    'dataReceived',
    'dataSent',
    'loadingFailed',
    'loadingFinished',
    'requestWillBeSent',
    'responseReceived',
    'webSocketClosed',
    'webSocketCreated',
    'webSocketHandshakeResponseReceived',
  ]),
  NetworkResources: reporter('NetworkResources', ['put']),
  close(): void {},
  console: silent,
  /** As in Node when the inspector is turned off: nothing listens, and what is given back closes nothing. */
  open(): object {
    return { [Symbol.dispose]: async (): Promise<void> => {} };
  },
  url: (): undefined => undefined,
  waitForDebugger(): void {},
};
