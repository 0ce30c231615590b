/** `events.on`: the events of an emitter as an iterator, which keeps those that nobody has asked for yet. */
import type EventEmitter from 'events/events.js';

type Emitter = InstanceType<typeof EventEmitter>;
interface Signal {
  readonly aborted: boolean;
  addEventListener(type: 'abort', listener: () => void, options: { once: true }): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}
interface Options {
  readonly signal?: Signal;
  readonly close?: readonly string[];
}
interface Waiting {
  resolve(result: IteratorResult<unknown[]>): void;
  reject(reason: unknown): void;
}

export function asyncIteratorOf(abortError: (signal: Signal) => Error) {
  return function on(emitter: Emitter, name: string | symbol, { signal, close = [] }: Options = {}) {
    if (signal?.aborted === true) throw abortError(signal);
    const events: unknown[][] = [];
    const waiting: Waiting[] = [];
    let failure: { readonly reason: unknown } | undefined;
    let isOver = false;

    const onEvent = (...args: unknown[]): void => {
      const next = waiting.shift();
      if (next === undefined) events.push(args);
      else next.resolve({ done: false, value: args });
    };
    const fail = (reason: unknown): void => {
      const next = waiting.shift();
      if (next === undefined) failure = { reason };
      else next.reject(reason);
      end();
    };
    const onAbort = (): void => fail(abortError(signal!));
    const end = (): void => {
      isOver = true;
      emitter.off(name, onEvent).off('error', fail);
      for (const event of close) emitter.off(event, end);
      signal?.removeEventListener('abort', onAbort);
      for (const next of waiting.splice(0)) next.resolve({ done: true, value: undefined });
    };

    emitter.on(name, onEvent);
    if (name !== 'error') emitter.on('error', fail);
    for (const event of close) emitter.on(event, end);
    signal?.addEventListener('abort', onAbort, { once: true });

    return {
      next(): Promise<IteratorResult<unknown[]>> {
        const value = events.shift();
        if (value !== undefined) return Promise.resolve({ done: false, value });
        if (failure !== undefined) {
          const { reason } = failure;
          failure = undefined;
          return Promise.reject(reason as Error);
        }
        if (isOver) return Promise.resolve({ done: true, value: undefined });
        return new Promise((resolve, reject) => {
          waiting.push({ resolve, reject });
        });
      },
      return(): Promise<IteratorResult<unknown[]>> {
        end();
        return Promise.resolve({ done: true, value: undefined });
      },
      throw(reason: unknown): Promise<IteratorResult<unknown[]>> {
        fail(reason);
        return Promise.resolve({ done: true, value: undefined });
      },
      [Symbol.asyncIterator]() {
        return this;
      },
    };
  };
}
