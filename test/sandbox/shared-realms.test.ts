import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { FairPermit } from '../../sandbox/permit.ts';
import type { SharedRealm } from '../../sandbox/shared-realm.ts';
import { SharedRealms } from '../../sandbox/shared-realms.ts';
import { functionOf } from '../support/sandbox.ts';

const fn = functionOf('', {}, { freshness: 'reuse' });
const observer = { onBegin() {}, onRunning() {} };
/** As many as one serves. */
const lifetime = 100_000;
let nowMs = 0;

beforeEach(() => {
  nowMs = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => nowMs);
});
afterEach(() => vi.restoreAllMocks());

/** The realms of so many calls, of which so many come in a second. */
function callsOf(realms: SharedRealms, count: number, perSecond: number): SharedRealm[] {
  return Array.from({ length: count }, () => {
    nowMs += 1_000 / perSecond;
    const realm = realms.of(fn);
    const seat = realm.join(observer);
    seat.close();
    return realm;
  });
}

function realmsOf(): SharedRealms {
  return new SharedRealms({
    images: { for: () => Promise.reject(new Error()), bundleCache: () => undefined, part: () => undefined },
    permits: new FairPermit(),
    beforeCode() {},
    isolates: { alive: 0, stuck: { count: 0 } },
  });
}

test('calls share a realm, and after so many of them get another one', () => {
  const calls = callsOf(realmsOf(), lifetime + 10, 10);
  expect(new Set(calls.slice(0, lifetime)).size).toBe(1);
  expect(new Set(calls.slice(lifetime)).size).toBe(1);
  expect(calls.at(-1)).not.toBe(calls[0]);
});

test('where they are many, the next one takes over step by step', () => {
  const calls = callsOf(realmsOf(), lifetime + 2_000, 1_000);
  const [first, second, ...others] = new Set(calls);
  expect(others).toEqual([]);
  expect(calls.filter((realm) => realm === first)).toHaveLength(lifetime);
  const begin = calls.indexOf(second!);
  const end = calls.lastIndexOf(first!);
  expect(begin).toBeGreaterThan(lifetime * 0.98);
  const early = calls.slice(begin, end).filter((realm) => realm === second);
  // Enough that V8 has found out by then what runs often.
  expect(early.length).toBeGreaterThan(200);
  expect(early.length).toBeLessThan((end - begin) * 0.3);
});

test('both are gone when the function is', () => {
  const realms = realmsOf();
  const before = new Set(callsOf(realms, lifetime - 100, 1_000));
  expect(before.size).toBe(2);
  realms.forget(fn);
  expect(realms.size).toBe(0);
  for (const realm of before) expect(realm.isRetired).toBe(true);
  expect(before.has(realms.of(fn))).toBe(false);
});

test('one that has ended before its turn is not the next', () => {
  const realms = realmsOf();
  const [, second] = new Set(callsOf(realms, lifetime - 100, 1_000));
  second!.retire();
  expect(callsOf(realms, 100, 1_000)).not.toContain(second);
});

test('functions without calls keep none', () => {
  const realms = realmsOf();
  callsOf(realms, 1, 1);
  realms.forgetIdle(nowMs + 30_000);
  expect(realms.size).toBe(1);
  realms.forgetIdle(nowMs + 61_000);
  expect(realms.size).toBe(0);
});
