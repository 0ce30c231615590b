/** https://dom.spec.whatwg.org/#interface-abortcontroller */
import { setTimeout, uncaught } from '../../core/facade.ts';
import { defineInterface } from '../shared/interface.ts';
import { DOMException } from './dom-exception.ts';
import { Event } from './event.ts';
import { dispatchTrusted, EventTarget } from './event-target.ts';

interface Internals {
  create(): AbortSignal;
  abort(signal: AbortSignal, reason: unknown): void;
  onAbort(signal: AbortSignal, algorithm: () => void): void;
  follow(signal: AbortSignal, sources: Iterable<AbortSignal>): void;
}

let internals: Internals;
const internalCall = Symbol('internal');

export class AbortSignal extends EventTarget {
  #aborted = false;
  #reason: unknown;
  #algorithms: (() => void)[] = [];
  /** Signals whose abort aborts this one, and those that this one aborts. */
  #sources = new Set<AbortSignal>();
  #dependents = new Set<AbortSignal>();
  #isDependent = false;
  #onabort: ((event: Event) => unknown) | null = null;
  #hasHandler = false;

  static {
    internals = {
      create: () => new AbortSignal(internalCall),
      abort: (signal, reason) => signal.#abort(reason),
      onAbort: (signal, algorithm) => {
        if (!signal.#aborted) signal.#algorithms.push(algorithm);
      },
      follow: (signal, sources) => signal.#follow(sources),
    };
  }

  constructor(key?: unknown) {
    if (key !== internalCall) throw new TypeError('Illegal constructor');
    super();
  }

  static abort(reason?: unknown): AbortSignal {
    const signal = internals.create();
    signal.#aborted = true;
    signal.#reason = reason === undefined ? abortError() : reason;
    return signal;
  }

  static timeout(milliseconds: number): AbortSignal {
    const delay = Number(milliseconds);
    if (!Number.isFinite(delay) || delay < 0 || delay > Number.MAX_SAFE_INTEGER) {
      throw new TypeError(
        `Failed to execute 'timeout' on 'AbortSignal': ${String(milliseconds)} is no number of milliseconds`,
      );
    }
    const signal = internals.create();
    setTimeout(
      () => signal.#abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError')),
      delay,
    );
    return signal;
  }

  static any(signals: Iterable<AbortSignal>): AbortSignal {
    return dependentSignal(signals);
  }

  get aborted(): boolean {
    return this.#aborted;
  }
  get reason(): unknown {
    return this.#reason;
  }
  throwIfAborted(): void {
    if (this.#aborted) throw this.#reason;
  }
  get onabort(): ((event: Event) => unknown) | null {
    return this.#onabort;
  }
  set onabort(handler: ((event: Event) => unknown) | null) {
    this.#onabort = typeof handler === 'function' ? handler : null;
    if (this.#hasHandler) return;
    // The handler keeps the place in the order of listeners that it got when it was first set.
    this.#hasHandler = true;
    this.addEventListener('abort', (event) => this.#onabort?.call(this, event));
  }

  #follow(sources: Iterable<AbortSignal>): void {
    const all = [...sources];
    for (const source of all) {
      if (!(source instanceof AbortSignal))
        throw new TypeError("Failed to execute 'any' on 'AbortSignal': not an AbortSignal");
    }
    const aborted = all.find((source) => source.#aborted);
    if (aborted !== undefined) {
      this.#aborted = true;
      this.#reason = aborted.#reason;
      return;
    }
    this.#isDependent = true;
    for (const source of all) {
      for (const root of source.#isDependent ? source.#sources : [source]) {
        this.#sources.add(root);
        root.#dependents.add(this);
      }
    }
  }

  #abort(reason: unknown): void {
    if (this.#aborted) return;
    this.#mark(reason === undefined ? abortError() : reason);
    const dependents = [...this.#dependents].filter((dependent) => !dependent.#aborted);
    for (const dependent of dependents) dependent.#mark(this.#reason);
    this.#run();
    for (const dependent of dependents) dependent.#run();
  }

  #mark(reason: unknown): void {
    this.#aborted = true;
    this.#reason = reason;
  }

  #run(): void {
    const algorithms = this.#algorithms;
    this.#algorithms = [];
    for (const algorithm of algorithms) {
      try {
        algorithm();
      } catch (thrown) {
        uncaught(thrown);
      }
    }
    dispatchTrusted(this, new Event('abort'));
  }
}

defineInterface(AbortSignal, 'AbortSignal', { constructor: 0, 'static abort': 0 });

export class AbortController {
  readonly #signal = internals.create();

  get signal(): AbortSignal {
    return this.#signal;
  }
  abort(reason?: unknown): void {
    internals.abort(this.#signal, reason);
  }
}

defineInterface(AbortController, 'AbortController', { abort: 0 });

/** A signal that is aborted as soon as one of the others is. */
export function dependentSignal(signals: Iterable<AbortSignal>): AbortSignal {
  const signal = internals.create();
  internals.follow(signal, signals);
  return signal;
}

/** Runs before the event listeners do, once. */
export function onAbort(signal: AbortSignal, algorithm: () => void): void {
  internals.onAbort(signal, algorithm);
}

function abortError(): DOMException {
  return new DOMException('The operation was aborted', 'AbortError');
}
