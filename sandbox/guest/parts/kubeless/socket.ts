import { type EventEmitter, part } from '../../core/facade.ts';

const Base = part('package-events') as new () => EventEmitter;

/** What can be known of the client's connection. */
export class Socket extends Base {
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly remoteFamily: string;
  readable = true;
  writable = true;
  destroyed = false;
  readonly #onDestroy: () => void;

  constructor(remoteAddress: string, remotePort: number, onDestroy: () => void) {
    super();
    this.remoteAddress = remoteAddress;
    this.remotePort = remotePort;
    this.remoteFamily = remoteAddress.includes(':') ? 'IPv6' : 'IPv4';
    this.#onDestroy = onDestroy;
  }

  destroy(): this {
    if (this.destroyed) return this;
    this.destroyed = true;
    this.#onDestroy();
    return this;
  }
  end(): this {
    return this.destroy();
  }
  address(): object {
    return {};
  }
  setTimeout(): this {
    return this;
  }
  setNoDelay(): this {
    return this;
  }
  setKeepAlive(): this {
    return this;
  }
  ref(): this {
    return this;
  }
  unref(): this {
    return this;
  }
}
