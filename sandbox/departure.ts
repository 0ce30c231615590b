import { guestCpuClock } from './cpu-clock.ts';
import type { Limits } from './limits.ts';
import type { IsolateCounts } from './turn-meter.ts';

/** As many times over it is waited for, on a machine on which it does not get the CPU. */
const maxStarvedGraces = 10;

/**
 * The end of an isolate that has been disposed of: it is gone after a moment, or it runs something that V8 does not interrupt. Nobody waits
 * for that; should it ever end, it is counted off again.
 */
export class Departure {
  readonly #isolates: IsolateCounts;
  readonly #graceMs: number;
  readonly #onStuck: () => void;
  #timer: NodeJS.Timeout | undefined;
  #isStuck = false;

  /** @param onStuck Called once, when it is given up for lost. */
  constructor(isolates: IsolateCounts, limits: Limits, onStuck: () => void) {
    this.#isolates = isolates;
    this.#graceMs = disposeGraceMs(limits);
    this.#onStuck = onStuck;
  }

  /** It has just been disposed of. */
  begin(): void {
    this.#giveUpLater(guestCpuClock(), maxStarvedGraces);
  }

  /** It is gone. */
  end(): void {
    clearTimeout(this.#timer);
    if (this.#isStuck) this.#isolates.stuck.count -= 1;
    this.#isStuck = false;
  }

  /** @param since The CPU clock when the isolate was disposed of. */
  #giveUpLater(since: number, graces: number): void {
    this.#timer = setTimeout(() => {
      // On a machine that is far too busy it has not had the time to end: who does not stop takes all CPU time that he can get.
      if (graces > 0 && guestCpuClock() - since < this.#graceMs / 2) {
        this.#giveUpLater(since, graces - 1);
        return;
      }
      this.#isStuck = true;
      this.#isolates.stuck.count += 1;
      this.#onStuck();
    }, this.#graceMs);
  }
}

/**
 * A disposed isolate is gone after this time, or runs something that V8 does not interrupt. It finishes a garbage collection first, which
 * takes the longer the more memory it has.
 */
function disposeGraceMs({ memoryMiB }: Limits): number {
  return 150 + Math.min(4 * memoryMiB, 1_500);
}
