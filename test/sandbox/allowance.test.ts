/** Which limit of CPU or wall time counts for an invocation, and how much of it is used. */
import { beforeEach, describe, expect, test } from 'vitest';
import { Allowance } from '../../sandbox/allowance.ts';
import { defaultLimits } from '../../sandbox/limits.ts';
import { decodeFrame } from '../../sandbox/wire.ts';

const limits = {
  ...defaultLimits,
  cpuTimeMs: 100,
  startUpCpuMs: 50,
  backgroundCpuMs: 30,
  wallTimeMs: 1_000,
  backgroundTimeMs: 300,
  socketTimeMs: 5_000,
  graceMs: 200,
  subrequests: 5,
};
let uses: { cpuTimeMs: number; waitedMs: number; clientWaitMs: number; subrequests: number };
let allowance: Allowance;
beforeEach(() => {
  uses = { cpuTimeMs: 0, waitedMs: 0, clientWaitMs: 0, subrequests: 0 };
  allowance = new Allowance(limits, {
    cpuTimeMs: () => uses.cpuTimeMs,
    waitedMs: () => uses.waitedMs,
    clientWaitMs: () => uses.clientWaitMs,
    subrequests: () => uses.subrequests,
  });
});

describe('wall time', () => {
  test('is none before it has begun', () => {
    expect([allowance.hasBegun, allowance.wallTimeMs(500)]).toEqual([false, 0]);
  });

  test('is without the time spent waiting for the permit, or for the client, up to a bound', () => {
    uses.waitedMs = 40;
    allowance.begin(1_000);
    expect(allowance.wallTimeMs(1_000)).toBe(0);
    [uses.waitedMs, uses.clientWaitMs] = [140, 60];
    expect(allowance.wallTimeMs(1_500)).toBe(340);
    [uses.waitedMs, uses.clientWaitMs] = [30_040, 90_000];
    expect(allowance.wallTimeMs(121_000)).toBe(121_000 - 960 - 10_000 - 60_000);
  });

  test('is near its end by the time of grace, or by half of a short limit, and over it behind it', () => {
    allowance.begin(0);
    const at = (now: number): unknown => {
      const { limit, used, isNear, isOver } = allowance.wall(now);
      return [limit, used, isNear, isOver];
    };
    expect(at(800)).toEqual(['wallTimeMs', 800, false, false]);
    expect(at(801)).toEqual(['wallTimeMs', 801, true, false]);
    expect(at(1_001)).toEqual(['wallTimeMs', 1_001, true, true]);
    allowance.beginBackground(900);
    expect(at(1_049)).toEqual(['backgroundTimeMs', 149, false, false]);
    expect(at(1_051)).toEqual(['backgroundTimeMs', 151, true, false]);
    expect(at(1_201)).toEqual(['backgroundTimeMs', 301, true, true]);
  });

  test('of a WebSocket counts from when it was taken, and that of background work comes before it', () => {
    allowance.begin(0);
    allowance.beginSocket(400);
    expect(allowance.wall(2_400)).toMatchObject({ limit: 'socketTimeMs', used: 2_000, isOver: false });
    allowance.beginBackground(2_500);
    allowance.beginBackground(2_600);
    expect(allowance.wall(2_700)).toMatchObject({ limit: 'backgroundTimeMs', used: 200 });
  });
});

describe('CPU time', () => {
  test('of start-up has a limit of its own, of which no notice is given', () => {
    allowance.begin(0);
    allowance.beginStartUp();
    uses.cpuTimeMs = 50;
    expect(allowance.cpu()).toEqual({ limit: 'startUpCpuMs', used: 50, isNear: false, isOver: false });
    expect(allowance.startUpCpuMs).toBe(50);
    uses.cpuTimeMs = 51;
    expect(allowance.cpu().isOver).toBe(true);
  });

  test('is without start-up, in the invocation or ahead of it', () => {
    allowance.beginStartUp();
    uses.cpuTimeMs = 40;
    allowance.endStartUp();
    uses.cpuTimeMs = 130;
    expect(allowance.cpu()).toMatchObject({ limit: 'cpuTimeMs', used: 90, isNear: true, isOver: false });
    expect(allowance.startUpCpuMs).toBe(40);
    allowance.addStartUp(10);
    expect(allowance.cpu()).toMatchObject({ limit: 'cpuTimeMs', used: 120, isOver: true });
  });

  test('of background work counts from when the answer was given', () => {
    allowance.begin(0);
    allowance.addStartUp(10);
    uses.cpuTimeMs = 90;
    allowance.beginBackground(50);
    uses.cpuTimeMs = 121;
    expect(allowance.cpu()).toMatchObject({ limit: 'backgroundCpuMs', used: 31, isOver: true });
  });
});

test('functions are told what is left in whole milliseconds, and never less than nothing', () => {
  allowance.begin(0);
  uses.cpuTimeMs = 30.7;
  uses.subrequests = 2;
  expect(decodeFrame(allowance.left(100.2), 3)).toEqual(['69', '899', '3']);
  uses.cpuTimeMs = 200;
  uses.subrequests = 9;
  expect(decodeFrame(allowance.left(1_100), 3)).toEqual(['0', '0', '0']);
});
