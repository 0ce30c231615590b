/** A client of somebody who harms nobody, all the while: each of its requests must be answered 200. */
import { setTimeout as sleep } from 'node:timers/promises';
import { send } from './client.ts';
import type { Target } from './target.ts';

const pauseMs = 50;
/** After so many good answers a function counts as known, and shares cells. */
const acquaintance = 12;
const maxExamples = 5;

export interface NeighbourReport {
  readonly answers: number;
  readonly wrong: number;
  readonly examples: readonly string[];
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly healthP99Ms: number;
}

export class Neighbour {
  readonly #target: Target;
  readonly #over = new AbortController();
  readonly #times: number[] = [];
  readonly #healthTimes: number[] = [];
  readonly #examples: string[] = [];
  #wrong = 0;
  #running: Promise<unknown> = Promise.resolve();
  #during = '';

  constructor(target: Target) {
    this.#target = target;
  }

  /** Answers why the function cannot be served at all. */
  async introduce(): Promise<string | undefined> {
    for (let call = 0; call < acquaintance; call += 1) {
      const problem = await this.#ask();
      if (problem !== undefined) return problem;
    }
    this.#times.length = 0;
    return undefined;
  }

  start(): void {
    this.#running = Promise.all([this.#load(), this.#watchHealth()]);
  }

  /** What goes wrong now goes wrong while this is fired. */
  set during(name: string) {
    this.#during = name;
  }

  async stop(): Promise<NeighbourReport> {
    this.#over.abort();
    await this.#running;
    return {
      answers: this.#times.length + this.#wrong,
      wrong: this.#wrong,
      examples: this.#examples,
      p50Ms: percentile(this.#times, 0.5),
      p99Ms: percentile(this.#times, 0.99),
      healthP99Ms: percentile(this.#healthTimes, 0.99),
    };
  }

  async #load(): Promise<void> {
    while (!this.#over.signal.aborted) {
      const during = this.#during;
      const { lost } = this.#target;
      const problem = await this.#ask();
      // One request that was under way when the host went is counted, not all that come before there is another.
      if (problem !== undefined && lost === undefined) {
        this.#wrong += 1;
        if (this.#examples.length < maxExamples) this.#examples.push(`${problem}, during "${during}"`);
      }
      await this.#pause();
    }
  }

  async #watchHealth(): Promise<void> {
    while (!this.#over.signal.aborted) {
      const reply = await send(this.#target.healthUrl);
      if (reply.kind === 'reply' && reply.status === 200) this.#healthTimes.push(reply.ms);
      await this.#pause();
    }
  }

  async #ask(): Promise<string | undefined> {
    const reply = await send(this.#target.neighbourUrl);
    if (reply.kind === 'none') return this.#target.lost ?? reply.reason;
    const { status, outcome, body, ms } = reply;
    if (status === 200 && body.text === 'fine') {
      this.#times.push(ms);
      return undefined;
    }
    return `status ${status}${outcome === '' ? '' : `, ${outcome}`}`;
  }

  async #pause(): Promise<void> {
    await sleep(pauseMs, undefined, { signal: this.#over.signal }).catch(() => {});
  }
}

function percentile(times: readonly number[], part: number): number {
  const sorted = times.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length * part)] ?? 0;
}
