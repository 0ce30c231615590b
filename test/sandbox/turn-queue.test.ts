/** The turns of many invocations in one isolate, under one permit. */
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeEach, describe, expect, test } from 'vitest';
import { FairPermit } from '../../sandbox/permit.ts';
import { TurnQueue, type TurnTaker } from '../../sandbox/turn-queue.ts';
import { progress } from '../../sandbox/wire.ts';

class Taker implements TurnTaker {
  hasBegun = false;
  turns = 0;
  isRunning = false;
  isWaiting = false;
  readonly ended: number[] = [];
  readonly #queue: TurnQueue<Taker>;

  constructor(queue: TurnQueue<Taker>) {
    this.#queue = queue;
  }

  /** Asks for a turn, and begins it when it may. */
  ask(): void {
    this.#queue.whenPermitted(this, () => this.deliver());
  }

  deliver(): void {
    this.hasBegun = true;
    this.turns += 1;
    this.#queue.begin(this);
  }

  turnEnded(cpuTimeMs: number): void {
    this.turns -= 1;
    this.ended.push(cpuTimeMs);
  }

  onRunning(isRunning: boolean): void {
    this.isRunning = isRunning;
  }

  onWait(isWaiting: boolean): void {
    this.isWaiting = isWaiting;
  }
}

const holder = { tenant: 'tenant', key: 'tenant/function' };
const other = { tenant: 'other', key: 'other/function' };
let permits: FairPermit;
let queue: TurnQueue<Taker>;
let takers: Taker[];
beforeEach(() => {
  permits = new FairPermit();
  queue = new TurnQueue(permits, holder, { alive: 1, stuck: { count: 0 } }, false);
  takers = Array.from({ length: 10 }, () => new Taker(queue));
});

/** The guest tells of the ends of so many turns, and those who have come to rest say so. */
function end(count: number): Taker[] {
  const ended = queue.end(Array.from({ length: count }, () => 0));
  queue.proceed();
  for (const taker of ended) if (taker.turns === 0) queue.release(taker);
  return ended;
}

test('up to eight short turns are under way; the next begins when one has ended', () => {
  for (const taker of takers) taker.ask();
  expect(takers.map(({ turns }) => turns)).toEqual([1, 1, 1, 1, 1, 1, 1, 1, 0, 0]);
  expect(takers.map(({ isWaiting }) => isWaiting).lastIndexOf(false)).toBe(7);
  expect(end(1)).toEqual([takers[0]]);
  expect(takers[8]!.turns).toBe(1);
  expect(takers[9]!.turns).toBe(0);
});

test('the permit is held while turns are under way, and given back at rest', () => {
  takers[0]!.ask();
  takers[1]!.ask();
  expect(permits.isFree).toBe(false);
  end(1);
  expect(permits.isFree).toBe(false);
  end(1);
  expect(permits.isFree).toBe(true);
  expect(queue.isAtRest).toBe(true);
});

test('others get the permit although there is always a turn to come', async () => {
  takers[0]!.ask();
  let isGranted = false;
  permits.acquire(other, true, () => {
    isGranted = true;
  });
  await sleep(20);
  takers[1]!.ask();
  expect(takers[1]!.turns).toBe(0);
  end(1);
  expect(isGranted).toBe(true);
});

test('who has begun goes on when newcomers are refused, who has not waits', () => {
  takers[0]!.ask();
  permits.refuseNewcomers();
  takers[1]!.ask();
  takers[0]!.ask();
  expect(takers[0]!.turns).toBe(2);
  expect(takers[1]!.turns).toBe(0);
  end(2);
  expect(takers[1]!.turns).toBe(0);
  expect(permits.isFree).toBe(false);
});

test('who leaves while it waits gets no turn', () => {
  for (const taker of takers) taker.ask();
  queue.release(takers[8]!);
  end(8);
  expect([takers[8]!.turns, takers[9]!.turns]).toEqual([0, 1]);
});

describe('whose turn it is', () => {
  test.each([
    ['nothing yet', 0, 0],
    ['that the first has begun', 1, 0],
    ['that the third has begun', 3, 2],
    ['that more have begun than there are', 1_000, 3],
    ['what cannot be', -5, 0],
  ])('follows from what the guest writes down: %s', (_what, written, index) => {
    for (const taker of takers.slice(0, 4)) taker.ask();
    new Int32Array(queue.progress)[progress.turns] = written;
    expect(queue.current).toBe(takers[index]);
  });

  test('is told to those whose it is, one at a time', () => {
    takers[0]!.ask();
    takers[1]!.ask();
    expect(takers.map(({ isRunning }) => isRunning).indexOf(true)).toBe(0);
    end(1);
    expect(takers.map(({ isRunning }) => isRunning).indexOf(true)).toBe(1);
    end(1);
    expect(takers.some(({ isRunning }) => isRunning)).toBe(false);
  });
});

test('no turn begins while an operation is at work on other threads, which is paid for by who has asked for it', () => {
  takers[0]!.ask();
  queue.beginWork(takers[0]!);
  takers[0]!.turns += 1;
  takers[1]!.ask();
  expect(queue.current).toBe(takers[0]);
  expect(end(1)).toEqual([takers[0]]);
  expect(takers[1]!.turns).toBe(0);
  expect(queue.current).toBe(takers[0]);
  queue.endWork(takers[0]!);
  expect(takers[0]!.ended).toHaveLength(2);
  expect(takers[1]!.turns).toBe(1);
});

test('a guest that tells of more turns than there are, or of none, changes nothing', () => {
  expect(queue.end([0, 0, 0])).toEqual([]);
  takers[0]!.ask();
  expect(queue.end([])).toEqual([]);
  expect(queue.current).toBe(takers[0]);
  expect(queue.end([1e9, 1e9])).toEqual([takers[0]]);
  expect(queue.current).toBeUndefined();
});

test('what is to cross at rest waits until no turn is under way, and nobody begins one before it', () => {
  takers[0]!.ask();
  const heaps: number[] = [];
  queue.whenAtRest(takers[1]!, (heapBytes) => {
    heaps.push(heapBytes);
    return undefined;
  });
  takers[2]!.ask();
  expect([heaps.length, takers[2]!.turns]).toEqual([0, 0]);
  queue.heapBytes = 7;
  end(1);
  expect(heaps).toEqual([7]);
  expect(takers[2]!.turns).toBe(1);
});

test('nothing is left of an isolate that is gone: the permit is free, and nobody waits for a turn', () => {
  for (const taker of takers) taker.ask();
  queue.close();
  expect(permits.isFree).toBe(true);
  expect(queue.current).toBeUndefined();
  expect(takers.some(({ isRunning }) => isRunning)).toBe(false);
});
