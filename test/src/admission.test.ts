import { describe, expect, test } from 'vitest';
import { Admission, type AdmissionLimits, type Applicant, type Place, type Refusal } from '../../src/admission.ts';
import { functionOf } from '../support/sandbox.ts';

interface Options {
  readonly limits?: Partial<AdmissionLimits>;
  readonly tenants?: number;
  readonly hasRoom?: (key: string) => boolean;
}

function admissionOf({ limits = {}, tenants = 1, hasRoom = () => true }: Options = {}): Admission {
  return new Admission(
    { isolates: 100, queueLength: 100, queueAgeMs: 5_000, memoryBudgetMiB: 100_000, sharedIsolates: 1, ...limits },
    { hasRoom: ({ key }) => hasRoom(key), tenants: () => tenants },
  );
}

/** @param key `tenant/function`. */
function applicant(
  key: string,
  options: { memoryMiB?: number; concurrency?: number; cpu?: number; calls?: number } = {},
): Applicant {
  const { memoryMiB = 10, concurrency = 100, cpu = 0, calls = 100 } = options;
  return {
    function: functionOf('', { memoryMiB, concurrency }, { key }),
    allowance: { concurrency: calls, cpuMsPerSecond: cpu },
  };
}

/** Notes who got a place, in which order. */
function queueUp(admission: Admission, keys: readonly string[]) {
  const order: string[] = [];
  const places: Place[] = [];
  const all = keys.map(async (key) => {
    const result = await admission.enter(applicant(key), take);
    order.push('leave' in result ? key : `${key} ${result.refused}`);
    if ('leave' in result) places.push(result);
  });
  return { order, places, all: Promise.all(all) };
}

const take = (place: Place): Place => place;
const settle = () => new Promise((resolve) => setTimeout(resolve, 1));
const isRefusal = (result: unknown): result is Refusal =>
  typeof result === 'object' && result !== null && 'refused' in result;
const enterNow = (admission: Admission, one: Applicant): Place | Refusal => {
  const result = admission.enter(one, take);
  if (result instanceof Promise) throw new Error('it waits');
  return result;
};

describe('the order', () => {
  test('is that of use: the tenant that has used least comes first, and of its functions the one that has', async () => {
    const admission = admissionOf({ limits: { isolates: 1 } });
    (enterNow(admission, applicant('greedy/a')) as Place).leave(500);
    (enterNow(admission, applicant('modest/a')) as Place).leave(100);
    const first = enterNow(admission, applicant('other/x')) as Place;
    const { order, places } = queueUp(admission, ['greedy/b', 'modest/a', 'modest/b', 'greedy/a']);
    first.leave(1);
    for (let served = 0; served < 4; served += 1) {
      await settle();
      places[served]!.leave(1);
    }
    expect(order).toEqual(['modest/b', 'modest/a', 'greedy/b', 'greedy/a']);
  });

  test('lets those pass that do not need what others wait for', async () => {
    let room = new Set(['t/quick']);
    const admission = admissionOf({ hasRoom: (key) => room.has(key) });
    const { order } = queueUp(admission, ['t/stuck', 't/quick', 'u/stuck']);
    await settle();
    expect(order).toEqual(['t/quick']);
    room = new Set(['t/stuck', 'u/stuck']);
    admission.admitWaiting();
    await settle();
    expect(order.toSorted()).toEqual(['t/quick', 't/stuck', 'u/stuck']);
  });

  test('is not spoilt by a tenant that floods', async () => {
    const admission = admissionOf({ limits: { isolates: 2, queueLength: 1_000 }, tenants: 2 });
    const flood = queueUp(
      admission,
      Array.from({ length: 200 }, () => 'flood/f'),
    );
    const { order, places } = queueUp(admission, ['calm/f']);
    await settle();
    // One of the two places is never the flood's.
    expect(order).toEqual(['calm/f']);
    places[0]!.leave(1);
    await settle();
    expect(flood.order).toEqual(['flood/f']);
  });
});

describe('a share', () => {
  test('of places is all of them for a tenant by itself, and half of them beside others', () => {
    for (const [tenants, most] of [
      [1, 10],
      [2, 5],
    ] as const) {
      const admission = admissionOf({ limits: { isolates: 10, queueLength: 0 }, tenants });
      let admitted = 0;
      while (!isRefusal(enterNow(admission, applicant('t/f')))) admitted += 1;
      expect(admitted).toBe(most);
    }
  });

  test('of the queue is half of it: another still finds a place in it', () => {
    const admission = admissionOf({ limits: { queueLength: 10 }, tenants: 2, hasRoom: () => false });
    const results = Array.from({ length: 8 }, () => admission.enter(applicant('t/f'), take));
    expect(results.filter((result) => result instanceof Promise)).toHaveLength(5);
    expect(results.filter(isRefusal)).toHaveLength(3);
    expect(admission.enter(applicant('u/f'), take)).toBeInstanceOf(Promise);
    expect(admission.queued).toBe(6);
    admission.drain();
  });

  test('of memory leaves room for others, but lets everybody run something', () => {
    const admission = admissionOf({ limits: { memoryBudgetMiB: 100, queueLength: 0 }, tenants: 2 });
    const large = enterNow(admission, applicant('t/large', { memoryMiB: 80 }));
    expect(isRefusal(large)).toBe(false);
    expect(isRefusal(enterNow(admission, applicant('t/small', { memoryMiB: 5 })))).toBe(true);
    expect(isRefusal(enterNow(admission, applicant('u/small', { memoryMiB: 20 })))).toBe(false);
  });
});

test('what is promised never exceeds the budget of memory', async () => {
  const admission = admissionOf({ limits: { memoryBudgetMiB: 100 } });
  const places: Place[] = [];
  let most = 0;
  const all = Array.from({ length: 50 }, async (_, index) => {
    const result = await admission.enter(applicant(`t/f${index % 3}`, { memoryMiB: 10 + (index % 4) * 7 }), take);
    most = Math.max(most, admission.promisedMiB);
    if ('leave' in result) places.push(result);
  });
  for (let served = 0; served < 50; served += 1) {
    await settle();
    places.shift()?.leave(1);
  }
  await Promise.all(all);
  expect(most).toBeGreaterThan(60);
  expect(most).toBeLessThanOrEqual(100);
  for (const place of places) place.leave(1);
  expect(admission.promisedMiB).toBe(0);
});

test('memory that is held for an answer counts until it is let go', () => {
  const admission = admissionOf({ limits: { memoryBudgetMiB: 100, queueLength: 0 } });
  const place = enterNow(admission, applicant('t/f', { memoryMiB: 60 })) as Place;
  const release = admission.hold('t', 60);
  place.leave(1);
  expect(isRefusal(enterNow(admission, applicant('t/f', { memoryMiB: 60 })))).toBe(true);
  release();
  release();
  expect(admission.promisedMiB).toBe(0);
  expect(isRefusal(enterNow(admission, applicant('t/f', { memoryMiB: 60 })))).toBe(false);
});

describe('a tenant', () => {
  test('has so many invocations at once as it may', () => {
    const admission = admissionOf({ limits: { queueLength: 0 } });
    const one = applicant('t/f', { calls: 2 });
    const places = [enterNow(admission, one), enterNow(admission, one)];
    expect(isRefusal(enterNow(admission, applicant('t/g', { calls: 2 })))).toBe(true);
    (places[0] as Place).leave(1);
    expect(isRefusal(enterNow(admission, applicant('t/g', { calls: 2 })))).toBe(false);
  });

  test('is throttled when it has used up its CPU time, and told for how long', () => {
    const admission = admissionOf();
    const limited = applicant('t/f', { cpu: 100 });
    (enterNow(admission, limited) as Place).leave(900);
    expect(isRefusal(enterNow(admission, limited))).toBe(false);
    (enterNow(admission, limited) as Place).leave(400);
    const refusal = enterNow(admission, limited) as Refusal;
    expect(refusal).toEqual({ refused: 'throttled', retryAfterSeconds: expect.any(Number) });
    // Three hundred milliseconds of debt, at a hundred a second.
    expect(refusal.retryAfterSeconds).toBeGreaterThanOrEqual(3);
    expect(refusal.retryAfterSeconds).toBeLessThanOrEqual(4);
    expect(isRefusal(enterNow(admission, applicant('u/f', { cpu: 100 })))).toBe(false);
    expect(isRefusal(enterNow(admission, applicant('t/g')))).toBe(false);
  });
});

describe('waiting', () => {
  test('ends when it has been too long', async () => {
    const admission = admissionOf({ limits: { queueAgeMs: 20 }, hasRoom: () => false });
    expect(await admission.enter(applicant('t/f'), take)).toEqual({ refused: 'overloaded', retryAfterSeconds: 1 });
    expect(admission.queued).toBe(0);
  });

  test('ends when nobody waits for the answer any more', async () => {
    const admission = admissionOf({ hasRoom: () => false });
    const client = new AbortController();
    const waiting = admission.enter(applicant('t/f'), take, client.signal);
    client.abort();
    expect(isRefusal(await waiting)).toBe(true);
    expect(admission.queued).toBe(0);
  });

  test('ends when the host is drained, and nobody is let in afterwards', async () => {
    const admission = admissionOf({ hasRoom: () => false });
    const waiting = admission.enter(applicant('t/f'), take);
    admission.drain();
    expect(isRefusal(await waiting)).toBe(true);
    expect(isRefusal(enterNow(admission, applicant('t/f')))).toBe(true);
  });
});

test('who is let in has taken up room before the next one is looked at', async () => {
  let room = 0;
  const admission = admissionOf({ hasRoom: () => room > 0 });
  const places: Place[] = [];
  const calls = Array.from({ length: 6 }, () =>
    admission.enter(applicant('t/f'), (place) => {
      room -= 1;
      places.push(place);
    }),
  );
  room = 2;
  admission.admitWaiting();
  for (let over = 0; over < 4; over += 1) {
    expect(places).toHaveLength(2 + over);
    room += 1;
    places[over]!.leave(1);
  }
  expect(places).toHaveLength(6);
  await Promise.all(calls);
});
