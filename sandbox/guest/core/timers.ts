/**
 * `setTimeout` and `setInterval`. The host keeps one clock per isolate: at the end of each turn the guest says when its
 * earliest timer is due, and the host wakes it then, one callback per turn, so that microtasks run in between as they should.
 */
import { type Account, account, resume } from './account.ts';
import { bindContext } from './async-context.ts';
import { arraySplice, max, now, RangeError, String, TypeError, apply, Number } from './primordials.ts';
import { watchResult } from './rejections.ts';

interface Timer {
  readonly id: number;
  readonly owner: Account;
  due: number;
  readonly interval: number | undefined;
  readonly callback: (...rest: unknown[]) => unknown;
  readonly args: readonly unknown[];
}

/** Longest delay that fits a signed 32-bit number of milliseconds; longer ones fire at once in browsers and Node, and here. */
const maxDelay = 2 ** 31 - 1;

/** Sorted by due time; equal times stay in the order of their making. */
const timers: Timer[] = [];
let nextId = 1;
let maxTimers = 0;

export function setTimerLimit(limit: number): void {
  maxTimers = limit;
}

export function setTimeout(callback: unknown, delay?: unknown, ...args: unknown[]): number {
  return start('setTimeout', callback, delay, args, false);
}

export function setInterval(callback: unknown, delay?: unknown, ...args: unknown[]): number {
  return start('setInterval', callback, delay, args, true);
}

export function clearTimer(id?: unknown): void {
  const wanted = typeof id === 'object' && id !== null ? Number(id) : id;
  for (let index = 0; index < timers.length; index += 1) {
    // A number or its text, as in browsers.
    if (timers[index]!.id === wanted || String(timers[index]!.id) === wanted) {
      remove(index);
      return;
    }
  }
}

/** Runs a callback of the runtime as a task of its own, as soon as the tasks before it have run. */
export function queueTask(callback: () => void): void {
  insert({ id: nextId, owner: account(), due: now(), interval: undefined, callback, args: [] });
  nextId += 1;
}

/** Milliseconds until the earliest timer is due, or -1 without one. */
export function untilNextTimer(): number {
  return timers.length === 0 ? -1 : max(0, timers[0]!.due - now());
}

/** The invocation that the earliest timer is of; 0 without one. */
export function nextTimerOwner(): number {
  return timers.length === 0 ? 0 : timers[0]!.owner.number;
}

/** Those of an invocation that is over. */
export function forgetTimers(owner: Account): void {
  for (let index = timers.length - 1; index >= 0; index -= 1) if (timers[index]!.owner === owner) remove(index);
}

/** Runs the earliest timer if it is due. */
export function runDueTimer(): void {
  const timer = timers[0];
  if (timer === undefined || timer.due > now()) return;
  remove(0);
  resume(timer.owner);
  if (timer.interval !== undefined) {
    timer.due = now() + timer.interval;
    insert(timer);
  }
  watchResult(timer.callback, apply(timer.callback, globalThis, timer.args as unknown[]));
}

function start(name: string, callback: unknown, delay: unknown, args: readonly unknown[], repeats: boolean): number {
  if (typeof callback !== 'function') throw new TypeError(`${name} needs a function, not ${typeof callback}`);
  const owner = account();
  if (owner.timers >= maxTimers) {
    throw new RangeError(`over ${maxTimers} timers at once; raise the limit "timers" or clear some`);
  }
  let ms = Number(delay);
  if (!(ms >= 1 && ms <= maxDelay)) ms = 1;
  const id = nextId;
  nextId += 1;
  insert({
    id,
    owner,
    due: now() + ms,
    interval: repeats ? ms : undefined,
    callback: bindContext(callback as Timer['callback']),
    args,
  });
  return id;
}

function insert(timer: Timer): void {
  let index = timers.length;
  while (index > 0 && timers[index - 1]!.due > timer.due) index -= 1;
  arraySplice(timers, index, 0, timer);
  timer.owner.timers += 1;
}

function remove(index: number): void {
  timers[index]!.owner.timers -= 1;
  arraySplice(timers, index, 1);
}
