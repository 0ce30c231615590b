/** https://w3c.github.io/web-locks/, within one isolate. */
import { part, queueMicrotask } from '../core/facade.ts';
import { assertArguments, assertKey, defineInterface } from './shared/interface.ts';
import type { AbortSignal } from './events.ts';

type Mode = 'exclusive' | 'shared';
type Callback = (lock: Lock | null) => unknown;

interface LockOptions {
  mode?: Mode;
  ifAvailable?: boolean;
  steal?: boolean;
  signal?: AbortSignal;
}
interface LockRequest {
  readonly name: string;
  readonly mode: Mode;
  readonly callback: Callback;
  readonly resolve: (value: unknown) => void;
  readonly reject: (reason: unknown) => void;
}
interface Held {
  readonly name: string;
  readonly mode: Mode;
  readonly reject: (reason: unknown) => void;
}

const key = Symbol('internal');
/** Whose locks these are: there is one client in an isolate. */
const clientId = part('crypto').crypto.randomUUID();
let held: Held[] = [];
let pending: LockRequest[] = [];

export class Lock {
  readonly #held: Held;

  constructor(given?: unknown, of?: unknown) {
    assertKey(given, key);
    this.#held = of as Held;
  }

  get name(): string {
    return this.#held.name;
  }
  get mode(): Mode {
    return this.#held.mode;
  }
}

defineInterface(Lock, 'Lock', { constructor: 0 });

export class LockManager {
  constructor(given?: unknown) {
    assertKey(given, key);
  }

  async request(name: string, optionsOrCallback: LockOptions | Callback, callback?: Callback): Promise<unknown> {
    if (this !== locks) throw new TypeError('Illegal invocation');
    assertArguments(arguments.length, 2, "Failed to execute 'request' on 'LockManager'");
    const given = arguments.length === 2 ? {} : ((optionsOrCallback ?? {}) as LockOptions);
    const run = arguments.length === 2 ? optionsOrCallback : callback;
    const text = `${name}`;
    if (typeof given !== 'object' && typeof given !== 'function') throw new TypeError('the options must be an object');
    const { ifAvailable = false, mode = 'exclusive', signal, steal = false } = given;
    const kind = `${mode}`;
    if (kind !== 'exclusive' && kind !== 'shared') throw new TypeError(`the mode cannot be ${JSON.stringify(kind)}`);
    if (signal !== undefined && !(signal instanceof part('events').AbortSignal)) {
      throw new TypeError('the signal is not an AbortSignal');
    }
    if (typeof run !== 'function') throw new TypeError('the callback is not a function');
    if (text.startsWith('-')) throw exception('a name may not begin with "-"', 'NotSupportedError');
    if (steal && ifAvailable) throw exception('steal and ifAvailable exclude each other', 'NotSupportedError');
    if (steal && kind !== 'exclusive') throw exception('only an exclusive lock can be stolen', 'NotSupportedError');
    if (signal !== undefined && (steal || ifAvailable)) {
      throw exception('a signal goes with neither steal nor ifAvailable', 'NotSupportedError');
    }
    signal?.throwIfAborted();
    return new Promise((resolve, reject) => {
      const request: LockRequest = { name: text, mode: kind, callback: run, resolve, reject };
      pending.push(request);
      signal?.addEventListener('abort', () => {
        if (!pending.includes(request)) return;
        withdraw(request);
        reject(signal.reason);
        process(text);
      });
      queueMicrotask(() => {
        if (!pending.includes(request)) return;
        if (steal) {
          takeAway(text);
          withdraw(request);
          grant(request);
        } else if (ifAvailable && !isGrantable(request, pending.slice(0, pending.indexOf(request)))) {
          withdraw(request);
          settleWith(request, () => run(null));
        } else {
          process(text);
        }
      });
    });
  }

  async query(): Promise<object> {
    if (this !== locks) throw new TypeError('Illegal invocation');
    const info = ({ mode, name }: { mode: Mode; name: string }): object => ({ clientId, mode, name });
    return { held: held.map(info), pending: pending.map(info) };
  }
}

defineInterface(LockManager, 'LockManager', { constructor: 0, request: 2 });

export const locks = new LockManager(key);

/** Whether nothing that is held, or that waits in front, is in the way. */
function isGrantable({ name, mode }: LockRequest, inFront: readonly LockRequest[]): boolean {
  if (inFront.some((one) => one.name === name)) return false;
  return held.every((one) => one.name !== name || (mode === 'shared' && one.mode === 'shared'));
}

function withdraw(request: LockRequest): void {
  pending = pending.filter((one) => one !== request);
}

function takeAway(name: string): void {
  const victims = held.filter((one) => one.name === name);
  held = held.filter((one) => one.name !== name);
  for (const { reject } of victims) reject(exception('the lock was stolen', 'AbortError'));
}

function grant(request: LockRequest): void {
  const { callback, mode, name, reject } = request;
  const one: Held = { name, mode, reject };
  held.push(one);
  queueMicrotask(() => {
    settleWith(
      request,
      () => callback(new Lock(key, one)),
      () => {
        held = held.filter((other) => other !== one);
        process(name);
      },
    );
  });
}

/** The request has the result of its callback, whose end ends the lock. */
function settleWith({ resolve, reject }: LockRequest, run: () => unknown, release: () => void = () => {}): void {
  const result = new Promise((done) => {
    done(run());
  });
  result.then(
    (value) => {
      release();
      resolve(value);
    },
    (reason: unknown) => {
      release();
      reject(reason);
    },
  );
}

function process(name: string): void {
  for (;;) {
    const index = pending.findIndex((one) => one.name === name);
    const next = pending[index];
    if (next === undefined || !isGrantable(next, pending.slice(0, index))) return;
    pending.splice(index, 1);
    grant(next);
  }
}

function exception(message: string, name: string): Error {
  return new (part('events').DOMException)(message, name);
}
