import { expect, test } from 'vitest';
import { FairPermit, type Permit } from '../../sandbox/permit.ts';

/** Asks for permits under the names `tenant/function`; notes who got one, in which order. */
function race() {
  const permits = new FairPermit();
  const order: string[] = [];
  const held: Permit[] = [];
  const ask = (key: string, isNewcomer = true) =>
    permits.acquire({ tenant: key.slice(0, key.indexOf('/')), key }, isNewcomer, (permit) => {
      order.push(key);
      held.push(permit);
    });
  const release = (cpuTimeMs: number) => held.shift()!.release(cpuTimeMs);
  return { order, held, ask, release, permits };
}

test('goes to the function that has used least', () => {
  const { order, held, ask, release } = race();
  ask('t/hog');
  release(500);
  ask('t/first');
  for (const key of ['t/hog', 't/hog', 't/light', 't/other']) ask(key);
  release(50);
  while (held.length > 0) release(1);
  expect(order).toEqual(['t/hog', 't/first', 't/light', 't/other', 't/hog', 't/hog']);
});

test('goes to the tenant that has used least, whatever its functions have', () => {
  const { order, held, ask, release } = race();
  ask('greedy/a');
  release(300);
  ask('modest/a');
  release(200);
  ask('modest/a');
  for (const key of ['greedy/new', 'modest/a', 'modest/b']) ask(key);
  release(50);
  while (held.length > 0) release(1);
  expect(order).toEqual(['greedy/a', 'modest/a', 'modest/a', 'modest/b', 'modest/a', 'greedy/new']);
});

test('does not go to who has stopped waiting for it', () => {
  const { order, ask, release } = race();
  ask('t/a');
  const stop = ask('t/b');
  ask('t/c');
  stop();
  release(0);
  expect(order).toEqual(['t/a', 't/c']);
});

test('goes only to those that had it before, once newcomers are refused', () => {
  const { order, held, ask, release, permits } = race();
  ask('t/a');
  ask('t/new');
  ask('t/old', false);
  permits.refuseNewcomers();
  ask('t/newer');
  while (held.length > 0) release(1);
  expect(order).toEqual(['t/a', 't/old']);
});

test('is given back once', () => {
  const { order, held, ask } = race();
  ask('t/a');
  ask('t/b');
  ask('t/c');
  const [first] = held;
  first!.release(0);
  first!.release(0);
  expect(order).toEqual(['t/a', 't/b']);
});
