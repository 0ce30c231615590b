/** `node:timers`: the timers of the runtime in the form of Node's, objects that can be unreferenced. */
import * as timers from '../core/facade.ts';
import { assertFunction } from './shared/node-error.ts';

const { part } = timers;

type Callback = (...args: never[]) => unknown;

/** A class of Node's, by whose name packages know its timers. */
class Timeout {
  #id: number;
  #hasRef = true;
  readonly #start: () => number;

  constructor(start: () => number) {
    this.#start = start;
    this.#id = start();
  }

  /** There is no process to keep alive: the invocation ends when its function has answered. */
  ref(): this {
    this.#hasRef = true;
    return this;
  }
  unref(): this {
    this.#hasRef = false;
    return this;
  }
  hasRef(): boolean {
    return this.#hasRef;
  }
  refresh(): this {
    timers.clearTimer(this.#id);
    this.#id = this.#start();
    return this;
  }
  close(): this {
    timers.clearTimer(this.#id);
    return this;
  }
  [Symbol.dispose](): void {
    timers.clearTimer(this.#id);
  }
  [Symbol.toPrimitive](): number {
    return this.#id;
  }
}

export function setTimeout(callback: Callback, delay?: number, ...args: never[]): Timeout {
  assertFunction('callback', callback);
  return new Timeout(() => timers.setTimeout(callback, delay, ...args));
}

export function setInterval(callback: Callback, delay?: number, ...args: never[]): Timeout {
  assertFunction('callback', callback);
  return new Timeout(() => timers.setInterval(callback, delay, ...args));
}

class Immediate extends Timeout {}

export function setImmediate(callback: Callback, ...args: never[]): Immediate {
  assertFunction('callback', callback);
  return new Immediate(() => timers.setTimeout(callback, 0, ...args));
}

export function clearTimeout(timeout: unknown): void {
  timers.clearTimer(timeout);
}

export { clearTimeout as clearImmediate, clearTimeout as clearInterval };

export default {
  get promises(): object {
    return part('node-timers-promises').default;
  },
  setTimeout,
  setInterval,
  setImmediate,
  clearTimeout,
  clearInterval: clearTimeout,
  clearImmediate: clearTimeout,
};
