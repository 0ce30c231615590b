/**
 * What the parts of the runtime get of the core. Parts may be evaluated after user code has changed the realm, and use ordinary
 * built-ins; so nothing here hands out more than its budgeted purpose.
 */
import type * as base64 from '../parts/base64.ts';
import type * as blob from '../parts/blob.ts';
import type * as crypto from '../parts/crypto.ts';
import type * as digestStream from '../parts/digest-stream.ts';
import type * as encoding from '../parts/encoding.ts';
import type * as encodingMultibyte from '../parts/encoding-multibyte.ts';
import type * as events from '../parts/events.ts';
import type * as eventTypes from '../parts/event-types.ts';
import type * as fetch from '../parts/fetch.ts';
import type * as fetchClient from '../parts/fetch-client.ts';
import type * as kubelessFiles from '../parts/kubeless-files.ts';
import type * as kubelessHttp from '../parts/kubeless-http.ts';
import type * as locks from '../parts/locks.ts';
import type * as messaging from '../parts/messaging.ts';
import type * as nodeBuffer from '../parts/node-buffer.ts';
import type * as nodeHttpObjects from '../parts/node-http-objects.ts';
import type * as nodePathWin32 from '../parts/node-path-win32.ts';
import type * as nodeProcess from '../parts/node-process.ts';
import type * as nodeUrl from '../parts/node-url.ts';
import type * as storage from '../parts/storage.ts';
import type * as streams from '../parts/streams.ts';
import type * as structuredClone from '../parts/structured-clone.ts';
import type * as subtle from '../parts/subtle.ts';
import type * as url from '../parts/url.ts';
import type * as userTiming from '../parts/user-timing.ts';
import type * as webSocket from '../parts/web-socket.ts';
import type * as nodeAssert from '../parts/node-assert.ts';
import type * as nodeAsyncHooks from '../parts/node-async-hooks.ts';
import type * as nodeCrypto from '../parts/node-crypto.ts';
import type * as nodeDnsPromises from '../parts/node-dns-promises.ts';
import type * as nodeFsPromises from '../parts/node-fs-promises.ts';
import type * as nodeOs from '../parts/node-os.ts';
import type * as nodeReadlinePromises from '../parts/node-readline-promises.ts';
import type * as nodeStream from '../parts/node-stream.ts';
import type * as nodeTimersPromises from '../parts/node-timers-promises.ts';
import type * as nodeUtilTypes from '../parts/node-util-types.ts';
import type * as encodingStreams from '../parts/encoding-streams.ts';
import type * as compression from '../parts/compression.ts';
import type * as performance from '../parts/performance.ts';
import type * as console from '../parts/console.ts';
import type * as urlPattern from '../parts/url-pattern.ts';
import type * as nodePath from '../parts/node-path.ts';
import { findPart, part as loadPart } from './parts.ts';

export { isExpected } from './parts.ts';

export { encodeFrame, readFrame } from '../../wire.ts';
export { bindContext, currentContext, enterContext, runInContext, trackContext } from './async-context.ts';
export { findBuiltin } from './builtins.ts';
export { sinceStart, timeOrigin } from './clocks.ts';
export { describeThrown } from './errors.ts';
export { installGlobal, installLazyGlobal } from './globals.ts';
export { invocationNumber } from './account.ts';
export { callAsync, callSync, isLogging, log, mayWait } from './host.ts';
export {
  beginStream,
  endStream,
  fail,
  handleUncaught,
  holdInvocation,
  type Invocation,
  respond,
  respondWithHeld,
  uncaught,
  type Waiting,
  waitUntil,
  watchEnding,
  writeChunk,
} from './invocation.ts';
export { takeNative } from './natives.ts';
export { defineHidden, follow } from './primordials.ts';
export { handleRejections, rejected, watchResult } from './rejections.ts';
export { queueMicrotask } from './microtasks.ts';
export { freeBytes, makeRoom, usedMemory } from './room.ts';
export { settings } from './settings.ts';
export { clearTimer, queueTask, setInterval, setTimeout } from './timers.ts';

interface Parts {
  base64: typeof base64;
  blob: typeof blob;
  crypto: typeof crypto;
  'digest-stream': typeof digestStream;
  encoding: typeof encoding;
  'encoding-multibyte': typeof encodingMultibyte;
  'event-types': typeof eventTypes;
  events: typeof events;
  fetch: typeof fetch;
  'fetch-client': typeof fetchClient;
  'kubeless-files': typeof kubelessFiles;
  'kubeless-http': typeof kubelessHttp;
  locks: typeof locks;
  messaging: typeof messaging;
  'node-buffer': typeof nodeBuffer;
  'node-http-objects': typeof nodeHttpObjects;
  'node-path': typeof nodePath;
  'node-path-win32': typeof nodePathWin32;
  'node-process': typeof nodeProcess;
  'node-url': typeof nodeUrl;
  'package-events': EventEmitterConstructor;
  'package-stream': {
    readonly Readable: new (options: object) => object;
    readonly Transform: new (options?: object) => object;
    readonly Writable: new (options: object) => object;
  };
  'node-assert': typeof nodeAssert;
  'node-async-hooks': typeof nodeAsyncHooks;
  'node-crypto': typeof nodeCrypto;
  'node-dns-promises': typeof nodeDnsPromises;
  'node-fs-promises': typeof nodeFsPromises;
  'node-os': typeof nodeOs;
  'node-readline-promises': typeof nodeReadlinePromises;
  'node-stream': typeof nodeStream;
  'node-timers-promises': typeof nodeTimersPromises;
  'node-util-types': typeof nodeUtilTypes;
  'encoding-streams': typeof encodingStreams;
  compression: typeof compression;
  performance: typeof performance;
  console: typeof console;
  'url-pattern': typeof urlPattern;
  storage: typeof storage;
  streams: typeof streams;
  'structured-clone': typeof structuredClone;
  subtle: typeof subtle;
  url: typeof url;
  'user-timing': typeof userTiming;
  'web-socket': typeof webSocket;
}

/** The package events is its constructor. */
type EventEmitterConstructor = new () => EventEmitter;
export interface EventEmitter {
  on(name: string, listener: (...args: never[]) => void): this;
  once(name: string, listener: (...args: never[]) => void): this;
  removeListener(name: string, listener: (...args: never[]) => void): this;
  emit(name: string, ...args: unknown[]): boolean;
}

/** The exports of another part; loads it if it is not there yet. */
export function part<K extends keyof Parts>(name: K): Parts[K] {
  return loadPart(name) as Parts[K];
}

/** The exports of another part if it was loaded: before that, there can be no instance of its classes. */
export function loadedPart<K extends keyof Parts>(name: K): Parts[K] | undefined {
  return findPart(name) as Parts[K] | undefined;
}
