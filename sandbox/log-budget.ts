import type { Limits } from './limits.ts';

/** Counts the log lines of one invocation. The guest counts too, and stops earlier: more than this means that it was subverted. */
export class LogBudget {
  readonly #limits: Pick<Limits, 'logLines' | 'logBytes'>;
  #lines = 0;
  #characters = 0;

  constructor(limits: Pick<Limits, 'logLines' | 'logBytes'>) {
    this.#limits = limits;
  }

  /** Answers whether the line is within the limits. */
  take(text: string): boolean {
    this.#lines += 1;
    this.#characters += text.length;
    return this.#lines <= this.#limits.logLines && this.#characters <= this.#limits.logBytes;
  }
}
