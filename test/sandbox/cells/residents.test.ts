import { expect, test } from 'vitest';
import { Residents } from '../../../sandbox/cells/residents.ts';
import { functionOf } from '../../support/sandbox.ts';

const [alone, sharing] = [functionOf('', { memoryMiB: 10 }), functionOf('', { memoryMiB: 20 }, { freshness: 'reuse' })];

test('each invocation has an isolate, but for those that share one', () => {
  const residents = new Residents();
  for (let count = 0; count < 3; count += 1) {
    residents.come(alone);
    residents.come(sharing);
  }
  expect(residents.active).toBe(4);
  expect([residents.sharing(alone), residents.sharing(sharing)]).toEqual([0, 3]);
  expect(residents.limits.map(({ memoryMiB }) => memoryMiB).sort()).toEqual([10, 10, 10, 20, 20]);
  residents.rest(alone);
  residents.rest(sharing);
  expect([residents.active, residents.sharing(sharing)]).toEqual([3, 2]);
  // Who waits may do so in an isolate that takes nobody any more.
  expect(residents.limits.filter(({ memoryMiB }) => memoryMiB === 20)).toHaveLength(3);
  residents.go(sharing, true);
  residents.go(sharing, true);
  expect([residents.active, residents.sharing(sharing)]).toEqual([2, 0]);
  // One is left, which waits for something.
  expect(residents.hosts((fn) => fn === sharing)).toBe(true);
  expect(residents.runs((fn) => fn === sharing)).toBe(false);
  residents.go(sharing, false);
  expect(residents.hosts((fn) => fn === sharing)).toBe(false);
  residents.go(alone, false);
  residents.go(alone, true);
  residents.go(alone, true);
  expect(residents.active).toBe(0);
  expect(residents.limits).toEqual([]);
});
