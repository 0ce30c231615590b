/** The corpus of hostile functions itself; inline.test.ts and cells.test.ts run it. */
import { expect, test } from 'vitest';
import { classOf } from '../../src/doctor/hostile-case.ts';
import { hostileCases } from './index.ts';

test('the corpus has enough cases of each class, and no two of one name', () => {
  const classes = new Map<string, number>();
  for (const hostile of hostileCases) {
    const kind = classOf(hostile);
    classes.set(kind, (classes.get(kind) ?? 0) + 1);
  }
  expect(new Set(hostileCases.map(({ name }) => name)).size).toBe(hostileCases.length);
  expect([...classes.keys()].toSorted()).toEqual([
    'abort',
    'bridge',
    'cpu',
    'escape',
    'leak',
    'log',
    'memory',
    'output',
    'scheduling',
    'socket',
    'start-up',
  ]);
  for (const [kind, count] of classes) expect(count, kind).toBeGreaterThanOrEqual(10);
});
