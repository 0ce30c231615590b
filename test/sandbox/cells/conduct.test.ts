import { describe, expect, test } from 'vitest';
import { Conduct, defaultConduct } from '../../../sandbox/cells/conduct.ts';
import { functionOf } from '../../support/sandbox.ts';

const { probation, windowMs, maxStrikes, suspensionMs, maxSuspensionMs, quarantineMs } = defaultConduct;
const fn = functionOf('', {}, { key: 't/f', hash: '1' });
const next = functionOf('', {}, { key: 't/f', hash: '2' });

function serveProbation(conduct: Conduct): void {
  for (let call = 0; call < probation; call += 1) conduct.invocationEnded(fn, true);
}

/** Strikes until the version is suspended. */
function suspend(conduct: Conduct, now: number) {
  for (let strike = 1; strike < maxStrikes; strike += 1) conduct.strike(fn, now);
  return conduct.strike(fn, now);
}

describe('a version', () => {
  test('is clean after some invocations that ended well, and new again after one that did not', () => {
    const conduct = new Conduct();
    expect(conduct.standing(fn, 0)).toBe('new');
    serveProbation(conduct);
    expect(conduct.standing(fn, 0)).toBe('clean');
    conduct.invocationEnded(fn, false);
    expect(conduct.standing(fn, 0)).toBe('new');
  });

  test('has a record of its own', () => {
    const conduct = new Conduct();
    serveProbation(conduct);
    expect(conduct.standing(next, 0)).toBe('new');
  });

  test('that took down a cell is struck for a while', () => {
    const conduct = new Conduct();
    serveProbation(conduct);
    expect(conduct.strike(fn, 0)).toBeUndefined();
    expect(conduct.standing(fn, windowMs - 1)).toBe('struck');
    expect(conduct.standing(fn, windowMs)).toBe('new');
  });

  test('is suspended after some strikes, and after each further one for twice as long', () => {
    const conduct = new Conduct();
    expect(suspend(conduct, 0)).toEqual({ forMs: suspensionMs, strikes: maxStrikes });
    expect(conduct.suspendedFor(fn, 0)).toBe(suspensionMs);
    expect(conduct.suspended(0)).toBe(1);
    expect(conduct.suspendedFor(next, 0)).toBe(0);
    let now = suspensionMs;
    expect(conduct.suspendedFor(fn, now)).toBe(0);
    expect(conduct.strike(fn, now)?.forMs).toBe(suspensionMs * 2);
    now += windowMs * 10;
    expect(conduct.strike(fn, now)?.forMs).toBe(suspensionMs * 4);
    for (let strike = 0; strike < 20; strike += 1) {
      now += maxSuspensionMs;
      conduct.strike(fn, now);
    }
    expect(conduct.suspendedFor(fn, now)).toBe(maxSuspensionMs);
  });

  test('is not suspended twice for what happened at once', () => {
    const conduct = new Conduct();
    suspend(conduct, 0);
    expect(conduct.strike(fn, 1)).toBeUndefined();
    expect(conduct.suspendedFor(fn, 1)).toBe(suspensionMs - 1);
  });

  test('begins anew when it has behaved', () => {
    const conduct = new Conduct();
    suspend(conduct, 0);
    serveProbation(conduct);
    expect(conduct.strike(fn, windowMs * 2)).toBeUndefined();
  });

  test('is not suspended for strikes that are long past', () => {
    const conduct = new Conduct();
    for (let strike = 0; strike < 10; strike += 1) expect(conduct.strike(fn, strike * windowMs)).toBeUndefined();
  });
});

describe('a tenant', () => {
  test('that loses cells is put into quarantine, and let out when it has behaved', () => {
    const conduct = new Conduct();
    expect(conduct.loss('t', 0)).toBe(false);
    expect(conduct.isQuarantined('t')).toBe(false);
    expect(conduct.loss('t', 1)).toBe(true);
    expect(conduct.loss('t', 2)).toBe(false);
    expect([conduct.isQuarantined('t'), conduct.isQuarantined('u'), conduct.quarantined]).toEqual([true, false, 1]);
    expect(conduct.release(quarantineMs)).toEqual([]);
    expect(conduct.release(quarantineMs + 2)).toEqual(['t']);
    expect(conduct.isQuarantined('t')).toBe(false);
  });

  test('stays out for losses that are far apart', () => {
    const conduct = new Conduct();
    for (let loss = 0; loss < 10; loss += 1) expect(conduct.loss('t', loss * windowMs)).toBe(false);
  });
});

test('records are bounded in number', () => {
  const conduct = new Conduct();
  serveProbation(conduct);
  for (let index = 0; index < 20_000; index += 1) {
    conduct.invocationEnded(functionOf('', {}, { key: `t/${index}` }), true);
  }
  expect(conduct.standing(fn, 0)).toBe('new');
});
