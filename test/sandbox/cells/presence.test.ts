import { expect, test } from 'vitest';
import { Presence } from '../../../sandbox/cells/presence.ts';

test('a tenant is about for a while after its last call', () => {
  const presence = new Presence(100);
  expect(presence.count(0)).toBe(0);
  presence.called('a', 0);
  presence.called('b', 50);
  presence.called('a', 60);
  expect(presence.count(99)).toBe(2);
  expect(presence.count(155)).toBe(1);
  expect(presence.count(160)).toBe(0);
  presence.called('b', 200);
  expect(presence.count(200)).toBe(1);
});
