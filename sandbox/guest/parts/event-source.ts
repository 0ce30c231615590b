/** https://html.spec.whatwg.org/#server-sent-events, on `fetch`. */
import { clearTimer, part, queueTask, setTimeout } from '../core/facade.ts';
import { DOMException, dispatchTrusted, type Event, EventTarget } from './events.ts';
import type { URL } from './url.ts';
import { EventStreamParser } from './event-source/parser.ts';
import { defineEventHandler } from './shared/event-handler.ts';
import { assertArguments, defineInterface } from './shared/interface.ts';
import { parseMimeType } from './shared/mime-type.ts';

const [connecting, open, closed] = [0, 1, 2];
const defaultRetryMs = 3_000;
/** Errors of `fetch` by which it is clear that another attempt would end the same. */
const finalCodes: readonly unknown[] = ['ERR_EGRESS_DENIED', 'ERR_EGRESS_INVALID', 'ERR_EGRESS_LIMIT'];

export class EventSource extends EventTarget {
  static readonly CONNECTING = connecting;
  static readonly OPEN = open;
  static readonly CLOSED = closed;
  readonly #url: string;
  readonly #withCredentials: boolean;
  readonly #abort = new (part('events').AbortController)();
  #readyState = connecting;
  #retryMs = defaultRetryMs;
  #lastEventId = '';
  #timer = 0;

  constructor(url: string | URL, init: { withCredentials?: boolean } | null | undefined = {}) {
    assertArguments(arguments.length, 1, "Failed to construct 'EventSource'");
    super();
    const parsed = part('url').URL.parse(`${url as string}`);
    if (parsed === null) {
      const shown = JSON.stringify(`${url as string}`.slice(0, 200));
      throw new DOMException(`Failed to construct 'EventSource': ${shown} is no URL`, 'SyntaxError');
    }
    this.#url = parsed.href;
    this.#withCredentials = Boolean(init?.withCredentials);
    void this.#connect();
  }

  get url(): string {
    return this.#url;
  }
  get withCredentials(): boolean {
    return this.#withCredentials;
  }
  get readyState(): number {
    return this.#readyState;
  }

  close(): void {
    this.#readyState = closed;
    clearTimer(this.#timer);
    this.#abort.abort();
  }

  async #connect(): Promise<void> {
    try {
      const headers: Record<string, string> = { accept: 'text/event-stream', 'cache-control': 'no-cache' };
      if (this.#lastEventId !== '') headers['last-event-id'] = latin1OfUtf8(this.#lastEventId);
      const response = await part('fetch-client').fetch(this.#url, { headers, signal: this.#abort.signal });
      if (this.#readyState === closed) return;
      const type = parseMimeType(response.headers.get('content-type') ?? '');
      if (response.status !== 200 || type?.essence !== 'text/event-stream') {
        void response.body?.cancel().catch(() => {});
        this.#fail();
        return;
      }
      this.#readyState = open;
      this.#dispatch('open');
      await this.#read(response.body, response.url);
    } catch (thrown) {
      const { cause } = thrown as { cause?: { code?: unknown } };
      if (finalCodes.includes(cause?.code) && this.#readyState === connecting) {
        this.#fail();
        return;
      }
    }
    this.#reconnect();
  }

  async #read(body: Awaited<ReturnType<ReturnType<typeof part<'fetch-client'>>['fetch']>>['body'], url: string) {
    if (body === null) return;
    const { origin } = new (part('url').URL)(url);
    const parser = new EventStreamParser(this.#lastEventId, {
      onEvent: (type, data, lastEventId) => {
        this.#lastEventId = lastEventId;
        queueTask(() => {
          if (this.#readyState === closed) return;
          const { MessageEvent } = part('event-types');
          dispatchTrusted(this, new MessageEvent(type, { data, origin, lastEventId }) as Event);
        });
      },
      onRetry: (ms) => {
        this.#retryMs = ms;
      },
      onId: (lastEventId) => {
        this.#lastEventId = lastEventId;
      },
    });
    const reader = body.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done || this.#readyState === closed) return;
      parser.push(value);
    }
  }

  #reconnect(): void {
    if (this.#readyState === closed) return;
    this.#readyState = connecting;
    // Events that came last are dispatched first.
    queueTask(() => {
      if (this.#readyState === closed) return;
      this.#dispatch('error');
      // A listener may have closed it.
      if (this.readyState === closed) return;
      this.#timer = setTimeout(() => void this.#connect(), this.#retryMs);
    });
  }

  #fail(): void {
    if (this.#readyState === closed) return;
    this.#readyState = closed;
    this.#dispatch('error');
  }

  #dispatch(type: string): void {
    dispatchTrusted(this, new (part('events').Event)(type));
  }
}

defineInterface(EventSource, 'EventSource', { constructor: 1 });
for (const target of [EventSource, EventSource.prototype]) {
  for (const [name, value] of Object.entries({ CONNECTING: connecting, OPEN: open, CLOSED: closed })) {
    Object.defineProperty(target, name, { configurable: false, enumerable: true, writable: false, value });
  }
}
const ownSource = (source: object): EventTarget => {
  if (source instanceof EventSource) return source;
  throw new TypeError('Illegal invocation');
};
for (const type of ['open', 'message', 'error']) defineEventHandler(EventSource.prototype, type, ownSource);

/** Header values are bytes: those of UTF-8, one character each. */
function latin1OfUtf8(text: string): string {
  return Array.from(part('encoding').encodeUtf8(text), (byte) => String.fromCharCode(byte)).join('');
}
