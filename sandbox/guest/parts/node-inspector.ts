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
const consoleMethods =
  'assert clear count countReset debug dir dirxml error group groupCollapsed groupEnd info log profile profileEnd table time timeEnd timeLog timeStamp trace warn';
const silent = Object.fromEntries(consoleMethods.split(' ').map((name) => [name, (): void => {}]));

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
