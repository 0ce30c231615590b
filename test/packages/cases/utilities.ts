import type { PackageCase } from '../package-case.ts';

/** Utilities and state. */
export const utilitiesCases: Readonly<Record<string, PackageCase>> = {
  lodash: {
    packages: ['lodash'],
    calls: [
      {
        answer: {
          sorted: ['Ada', 'Grace', 'Alan'],
          grouped: {
            old: [{ name: 'Ada', born: 1815 }],
            new: [
              { name: 'Alan', born: 1912 },
              { name: 'Grace', born: 1906 },
            ],
          },
          merged: { a: { b: 1, c: [2] } },
          cases: ['foo-bar-baz', 'Hello World', 'aBC'],
          equal: true,
          clone: { at: '1970-01-01T00:00:00.000Z', list: [{ '0': 1, '1': 2 }] },
          debounced: 'first',
          got: 3,
        },
      },
    ],
  },
  functional: {
    packages: ['effect', 'es-toolkit', 'immer', 'ramda'],
    calls: [
      {
        answer: {
          next: { users: [{ name: 'grace', tags: {} }], count: 1 },
          untouched: ['ada', true],
          patches: [{ op: 'add', path: ['a', 1], value: 2 }],
          ramda: { a: 2, b: 1 },
          toolkit: [[[1, 2], [3]], { b: 2 }, 'function'],
          effect: [41, 'caught broken'],
          schema: { n: 42 },
        },
      },
    ],
  },
  rxjs: {
    packages: ['rxjs'],
    calls: [{ answer: { sum: 14, ticks: [0, 1, 2], caught: 'no', debounced: 'b' } }],
  },
  stores: {
    packages: ['nanostores', 'xstate'],
    calls: [{ answer: { value: 'done', context: { tries: 2, value: 'loaded' }, seen: [6, 9] } }],
  },
  concurrency: {
    packages: ['dataloader', 'eventemitter3', 'lru-cache', 'mitt', 'p-limit', 'p-queue'],
    calls: [
      {
        answer: {
          most: 2,
          order: ['high', 'low'],
          batches: [[1, 2]],
          loaded: [10, 20, 10],
          kept: ['c', 'b'],
          expired: true,
          heard: [
            [1, 2],
            ['y', 'z'],
          ],
        },
      },
    ],
  },
};
