/**
 * The stream that a request is. Most functions do not read it, and loading streams takes longer than all else that they need: so a request
 * begins as an emitter of events, and becomes a stream when something is asked of it that only a stream has.
 */
import { type EventEmitter, loadedPart, part } from '../../core/facade.ts';
import { type ExpressRequest, withExpress } from './request.ts';

type Method = (...args: unknown[]) => unknown;
type Members = Record<string | symbol, unknown>;

interface Content {
  /** `undefined` when there is none. */
  readonly bytes: Uint8Array | undefined;
  /** The body was read before the function was called. */
  readonly isConsumed: boolean;
}

const contents = new WeakMap<object, Content>();
const Emitter = part('package-events') as new () => EventEmitter;
const EmitterRequest = withExpress(Emitter);
let StreamRequest: typeof EmitterRequest | undefined;

export function openIncoming(content: Content): ExpressRequest {
  const request = new EmitterRequest();
  contents.set(request, content);
  if (loadedPart('package-stream') !== undefined) becomeStream(request);
  return request;
}

const methods = [
  'destroy',
  'isPaused',
  'pause',
  'pipe',
  'push',
  'read',
  'resume',
  'setEncoding',
  'unpipe',
  'unshift',
  'wrap',
  Symbol.asyncIterator,
] as const;
const properties = [
  '_readableState',
  'closed',
  'destroyed',
  'errored',
  'readable',
  'readableEnded',
  'readableFlowing',
  'readableHighWaterMark',
  'readableLength',
] as const;
const subscriptions = ['addListener', 'on', 'once', 'prependListener', 'prependOnceListener'] as const;

const prototype = EmitterRequest.prototype as unknown as Members;
for (const name of methods) {
  prototype[name] = function become(this: Members, ...args: unknown[]) {
    becomeStream(this);
    return (this[name] as Method)(...args);
  };
}
for (const name of properties) {
  Object.defineProperty(prototype, name, {
    configurable: true,
    get(this: Members) {
      becomeStream(this);
      return this[name];
    },
  });
}
for (const name of subscriptions) {
  const subscribe = (Emitter.prototype as unknown as Record<string, Method>)[name]!;
  prototype[name] = function become(this: Members, event: unknown, listener: unknown) {
    if (event !== 'data' && event !== 'end' && event !== 'readable') return subscribe.call(this, event, listener);
    becomeStream(this);
    return (this[name] as Method)(event, listener);
  };
}

function becomeStream(request: object): void {
  const { bytes, isConsumed } = contents.get(request)!;
  const { Readable } = part('package-stream');
  StreamRequest ??= withExpress(Readable);
  Object.setPrototypeOf(request, StreamRequest.prototype as object);
  let isRead = false;
  const read = function read(this: { push(chunk: Uint8Array | null): boolean }): void {
    if (!isRead && bytes !== undefined && bytes.length > 0) this.push(bytes);
    isRead = true;
    this.push(null);
  };
  Reflect.apply(Readable as unknown as Method, request, [{ read }]);
  const stream = request as ExpressRequest & EventEmitter & { _readableState: object };
  if (isConsumed) {
    Object.assign(stream._readableState, {
      ended: true,
      endEmitted: true,
      destroyed: true,
      closed: true,
      closeEmitted: true,
    });
  } else {
    stream.once('end', () => {
      stream['complete'] = true;
    });
  }
}
