/** `node:timers`: the timers of the runtime in the form of Node's, objects that can be unreferenced. */
import * as timers from '../core/facade.ts';

const { part } = timers;

type Callback = (...args: never[]) => unknown;

class Timeout {
  #id: number;
  readonly #start: () => number;

  constructor(start: () => number) {
    this.#start = start;
    this.#id = start();
  }

  /** There is no process to keep alive: the invocation ends when its function has answered. */
  ref(): this {
    return this;
  }
  unref(): this {
    return this;
  }
  hasRef(): boolean {
    return true;
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
  [Symbol.toPrimitive](): number {
    return this.#id;
  }
}

export function setTimeout(callback: Callback, delay?: number, ...args: never[]): Timeout {
  return new Timeout(() => timers.setTimeout(callback, delay, ...args));
}

export function setInterval(callback: Callback, delay?: number, ...args: never[]): Timeout {
  return new Timeout(() => timers.setInterval(callback, delay, ...args));
}

export function setImmediate(callback: Callback, ...args: never[]): Timeout {
  return new Timeout(() => timers.setTimeout(callback, 0, ...args));
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
