/** The three ways to send load. */
import process from 'node:process';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { Latencies } from '../../soak/tally.ts';
import { createRandom } from '../../support/random.ts';
import { Caller } from './caller.ts';
import type { LoadOrder, LoadResult } from './orders.ts';

/** Of an open loop; beyond that the server has given up, and requests are counted as failed. */
const maxUnderWay = 5_000;
/** A timer is late by up to this, on an idle machine too. More than that the generator has lost, and it counts as waiting. */
const timerSlackMs = 2;
const maxInARow = 16;
const seed = 1;

export async function load(order: LoadOrder): Promise<LoadResult> {
  const { plan } = order;
  const caller = new Caller(order, plan.kind === 'open' ? null : plan.connections);
  const tally = new LoadTally();
  const cpu = process.cpuUsage();
  const start = performance.now();
  try {
    if (plan.kind === 'closed') await closedLoop(caller, tally, plan.connections, start + plan.seconds * 1_000);
    else if (plan.kind === 'open') await openLoop(caller, tally, plan.perSecond, start + plan.seconds * 1_000);
    else await askEach(caller, tally, plan.connections, order.paths.length);
    const seconds = (performance.now() - start) / 1_000;
    const { user, system } = process.cpuUsage(cpu);
    return { ...tally.result(), seconds, busyShare: (user + system) / 1e6 / seconds };
  } finally {
    await caller.close();
  }
}

/** Those that are under way when the time is over are waited for: nothing is cut off. */
async function closedLoop(caller: Caller, tally: LoadTally, connections: number, over: number): Promise<void> {
  await Promise.all(
    Array.from({ length: connections }, async () => {
      do {
        const start = performance.now();
        tally.count(await caller.call(), performance.now() - start);
      } while (performance.now() < over);
    }),
  );
}

/** Requests begin at random moments (a Poisson process), the same ones for everybody. */
async function openLoop(caller: Caller, tally: LoadTally, perSecond: number, over: number): Promise<void> {
  const random = createRandom(seed);
  const underWay = new Set<Promise<void>>();
  const begin = async (start: number): Promise<void> => tally.count(await caller.call(), performance.now() - start);
  let inARow = 0;
  for (let due = performance.now(); ;) {
    due += (-Math.log(1 - random()) * 1_000) / perSecond;
    if (due >= over) break;
    const early = due - performance.now();
    inARow = early > 0 ? 0 : inARow + 1;
    if (early > 0) await sleep(early);
    // One that is behind must not keep answers from being read.
    else if (inARow % maxInARow === 0) await nextTurn();
    if (underWay.size >= maxUnderWay) {
      tally.count(`more than ${maxUnderWay} requests under way`, 0);
      continue;
    }
    const now = performance.now();
    const call = begin(now - due > timerSlackMs ? due : now);
    underWay.add(call);
    void call.then(() => underWay.delete(call));
  }
  await Promise.all(underWay);
}

async function askEach(caller: Caller, tally: LoadTally, connections: number, count: number): Promise<void> {
  let asked = 0;
  await Promise.all(
    Array.from({ length: connections }, async () => {
      while (asked < count) {
        asked += 1;
        const start = performance.now();
        tally.count(await caller.call(), performance.now() - start);
      }
    }),
  );
}

class LoadTally {
  readonly #latencies = new Latencies();
  #failed = 0;
  #firstFailure: string | undefined;

  count(failure: string | undefined, ms: number): void {
    if (failure === undefined) {
      this.#latencies.add(ms);
      return;
    }
    this.#failed += 1;
    this.#firstFailure ??= failure;
  }

  result(): Omit<LoadResult, 'seconds' | 'busyShare'> {
    return {
      answered: this.#latencies.count,
      failed: this.#failed,
      ...(this.#firstFailure !== undefined && { firstFailure: this.#firstFailure }),
      p50Ms: this.#latencies.percentile(50),
      p99Ms: this.#latencies.percentile(99),
      maxMs: this.#latencies.percentile(100),
    };
  }
}
