import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test, vi } from 'vitest';
import { FairPermit } from '../../sandbox/permit.ts';
import { RealmPool } from '../../sandbox/realm-pool.ts';
import type { Realm } from '../../sandbox/realm.ts';
import type { SandboxFunction } from '../../sandbox/sandbox.ts';
import { createInlineCodeCacheMaker } from '../../sandbox/inline-code-cache.ts';
import { RuntimeImages } from '../../sandbox/runtime-image.ts';
import { Watchdog } from '../../sandbox/watchdog.ts';
import { functionOf, handler, invoke, runtimeSources, testSandbox } from '../support/sandbox.ts';

const images = new RuntimeImages(runtimeSources, createInlineCodeCacheMaker());

const counter = handler('globalThis.n = (globalThis.n ?? 0) + 1; return new Response(String(globalThis.n))');

function newPool(permits: FairPermit): RealmPool {
  return new RealmPool({
    images,
    permits,
    beforeCode() {},
    isolates: { alive: 0, stuck: { count: 0 } },
    watchdog: new Watchdog(),
    allowedGrowthBytes: () => Infinity,
    observer: { onRehearsing() {}, onUnstoppable() {}, onCatastrophe() {} },
  });
}

async function callOnce(pool: RealmPool, fn: SandboxFunction): Promise<void> {
  const seat = pool.seat(fn, { onBegin() {}, onRunning() {} });
  const realm = await seat.open(await images.for(fn));
  if ('failure' in realm) throw new Error(realm.failure);
  realm.leave({ isClean: true, mustStop: false, heapBytes: 0 });
  seat.close();
}

describe('isolates made ahead', () => {
  test('are there after the first call, as many as the rate of calls asks for', async () => {
    const permits = new FairPermit();
    const pool = newPool(permits);
    const fn = functionOf(counter);
    expect(pool.size).toBe(0);
    await callOnce(pool, fn);
    pool.refill();
    await expect.poll(() => pool.size).toBeGreaterThan(0);
    const few = pool.size;
    // All within a moment, however long they take on this machine.
    vi.useFakeTimers({ toFake: ['performance'] });
    try {
      for (let count = 0; count < 200; count += 1) await callOnce(pool, fn);
    } finally {
      vi.useRealTimers();
    }
    pool.refill();
    await expect.poll(() => pool.size).toBeGreaterThan(few);
    pool.close();
    expect(pool.size).toBe(0);
  });

  test('are not made while a guest runs or waits', async () => {
    const permits = new FairPermit();
    const pool = newPool(permits);
    const fn = functionOf(counter);
    await callOnce(pool, fn);
    const running = Promise.withResolvers<() => void>();
    permits.acquire(fn, true, ({ release }) => running.resolve(() => release(0)));
    pool.refill();
    await sleep(50);
    expect(pool.size).toBe(0);
    (await running.promise)();
    pool.refill();
    await expect.poll(() => pool.size).toBeGreaterThan(0);
    pool.close();
  });

  test.each([
    ['little', 'globalThis.held = 1;', false],
    ['more of the heap than may lie about', 'globalThis.held = Array.from({ length: 4e6 }, (_, i) => i + 0.5);', true],
  ])('have the bundle evaluated where it leaves %s', async (_, code, isFresh) => {
    const pool = newPool(new FairPermit());
    const fn = functionOf(code + counter);
    // What invocations would have said.
    for (let count = 0; count < 10; count += 1) {
      await callOnce(pool, fn);
      pool.started(fn, { isQuiet: true, cpuTimeMs: 1, heapBytes: 2 ** 20 });
    }
    pool.ended({ id: '1', function: fn });
    await expect.poll(() => pool.size).toBeGreaterThan(1);
    const seat = pool.seat(fn, { onBegin() {}, onRunning() {} });
    const realm = await seat.open(await images.for(fn));
    expect(realm).toMatchObject({ isFresh });
    (realm as Realm).leave({ isClean: true, mustStop: false, heapBytes: 0 });
    seat.close();
    pool.close();
  });

  test('go when the function is replaced', async () => {
    const pool = newPool(new FairPermit());
    const [one, other] = [functionOf(counter), functionOf(counter)];
    for (const fn of [one, other]) await callOnce(pool, fn);
    pool.refill();
    await expect.poll(() => pool.size).toBeGreaterThan(3);
    const both = pool.size;
    pool.forget(one);
    expect(pool.size).toBeLessThan(both);
    pool.forget(other);
    expect(pool.size).toBe(0);
    pool.close();
  });

  test('have an end: however many functions there are, no more than so many', async () => {
    const pool = newPool(new FairPermit());
    for (let count = 0; count < 40; count += 1) await callOnce(pool, functionOf(counter));
    pool.refill();
    await expect.poll(() => pool.size).toBe(32);
    pool.refill();
    await sleep(20);
    expect(pool.size).toBe(32);
    pool.close();
  });
});

test.each([0, 1])('each call finds an isolate that nobody has used, in %i cells', async (cells) => {
  await using sandbox = await testSandbox(cells);
  const fn = functionOf(counter);
  for (let call = 0; call < 30; call += 1) {
    if (call % 3 === 0) await sleep(10);
    expect((await invoke(sandbox, fn)).text).toBe('1');
  }
  sandbox.forget(fn);
  expect((await invoke(sandbox, fn)).text).toBe('1');
});
