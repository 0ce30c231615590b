/** https://html.spec.whatwg.org/#the-navigator-object, as far as it says nothing of the machine. */
import { part } from '../core/facade.ts';
import { assertKey, defineInterface } from './shared/interface.ts';

const key = Symbol('internal');

export class Navigator {
  constructor(given?: unknown) {
    assertKey(given, key);
  }

  get userAgent(): string {
    return read(this, 'isohost');
  }
  get hardwareConcurrency(): number {
    return read(this, 1);
  }
  get language(): string {
    return read(this, 'en-US');
  }
  get languages(): readonly string[] {
    return read(this, languages);
  }
  get platform(): string {
    return read(this, 'linux');
  }
  get onLine(): boolean {
    return read(this, true);
  }
  get locks(): object {
    assertNavigator(this);
    return part('locks').locks;
  }
}

const languages = Object.freeze(['en-US']);
defineInterface(Navigator, 'Navigator', { constructor: 0 });

export const navigator = new Navigator(key);

function read<T>(receiver: unknown, value: T): T {
  assertNavigator(receiver);
  return value;
}

function assertNavigator(receiver: unknown): void {
  if (receiver !== navigator) throw new TypeError('Illegal invocation');
}
