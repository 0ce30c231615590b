/**
 * What the parts of the runtime get of the core. Parts may be evaluated after user code has changed the realm, and use ordinary
 * built-ins; so nothing here hands out more than its budgeted purpose.
 */
import type * as base64 from '../parts/base64.ts';
import type * as encoding from '../parts/encoding.ts';
import type * as events from '../parts/events.ts';
import type * as fetch from '../parts/fetch.ts';
import type * as streams from '../parts/streams.ts';
import type * as url from '../parts/url.ts';
import { findPart, part as loadPart } from './parts.ts';

export { describeThrown } from './errors.ts';
export { installGlobal, installLazyGlobal } from './globals.ts';
export { callAsync, callSync, isLogging, log } from './host.ts';
export {
  beginStream,
  currentInvocation,
  endStream,
  fail,
  type Invocation,
  respond,
  uncaught,
  waitUntil,
  writeChunk,
} from './invocation.ts';
export { follow } from './primordials.ts';
export { clearTimer, setTimeout } from './timers.ts';

interface Parts {
  base64: typeof base64;
  encoding: typeof encoding;
  events: typeof events;
  fetch: typeof fetch;
  streams: typeof streams;
  url: typeof url;
}

/** The exports of another part; loads it if it is not there yet. */
export function part<K extends keyof Parts>(name: K): Parts[K] {
  return loadPart(name) as Parts[K];
}

/** The exports of another part if it was loaded: before that, there can be no instance of its classes. */
export function loadedPart<K extends keyof Parts>(name: K): Parts[K] | undefined {
  return findPart(name) as Parts[K] | undefined;
}
