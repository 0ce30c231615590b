/** `node:domain`, which Node keeps for old code: runs what it is given, and takes no errors over. */
import { part } from '../core/facade.ts';

const EventEmitter = part('package-events');

class Domain extends EventEmitter {
  readonly members: undefined;

  enter(): void {}
  exit(): void {}
  add(): void {}
  remove(): void {}
  run(callback: (...args: unknown[]) => unknown, ...args: unknown[]): unknown {
    return Reflect.apply(callback, this, args);
  }
  bind<T>(callback: T): T {
    return callback;
  }
  intercept<T>(callback: T): T {
    return callback;
  }
  _errorHandler(error: unknown): never {
    throw error;
  }
}

function createDomain(): Domain {
  return new Domain();
}

Object.defineProperty(EventEmitter, 'usingDomains', { configurable: true, writable: true, value: false });

export default { Domain, _stack: [] as object[], active: null, create: createDomain, createDomain };
