import type { RuntimeImage } from '../runtime-image.ts';
import type { SandboxFunction } from '../sandbox.ts';
import type { Channel } from './channel.ts';
import { toCell, writeFunction } from './protocol.ts';

/** Sources that a cell keeps; those of functions that were not called for long are given up. */
const maxSourceBytes = 64 * 1024 * 1024;
const maxFunctions = 500;

/** The functions that a cell has been sent, so that each crosses once. */
export class FunctionShelf {
  readonly #channel: Channel;
  /** In the order of their last use. */
  readonly #numbers = new Map<SandboxFunction, number>();
  readonly #images = new Set<number>();
  #next = 1;
  #sourceBytes = 0;

  constructor(channel: Channel) {
    this.#channel = channel;
  }

  /** The number by which the cell knows a function; sends it when the cell does not know it. */
  numberOf(fn: SandboxFunction, imageNumber: number, image: RuntimeImage, cache: Buffer | undefined): number {
    const known = this.#numbers.get(fn);
    if (known !== undefined) {
      this.#numbers.delete(fn);
      this.#numbers.set(fn, known);
      return known;
    }
    if (!this.#images.has(imageNumber)) {
      this.#images.add(imageNumber);
      this.#channel
        .begin(toCell.image, imageNumber)
        .text(image.source)
        .bytes(image.cache ?? new Uint8Array())
        .end();
    }
    const number = this.#next;
    this.#next += 1;
    writeFunction(this.#channel.begin(toCell.function, number), imageNumber, fn, cache);
    this.#numbers.set(fn, number);
    this.#sourceBytes += fn.bundle.source.length;
    this.#giveUpOldest();
    return number;
  }

  /** Invocations under way have the function in hand; later ones get it sent again. */
  forget(fn: SandboxFunction): void {
    const number = this.#numbers.get(fn);
    if (number === undefined) return;
    this.#numbers.delete(fn);
    this.#sourceBytes -= fn.bundle.source.length;
    this.#channel.begin(toCell.forget, number).end();
  }

  #giveUpOldest(): void {
    for (const fn of this.#numbers.keys()) {
      if (this.#sourceBytes <= maxSourceBytes && this.#numbers.size <= maxFunctions) return;
      if (this.#numbers.size === 1) return;
      this.forget(fn);
    }
  }
}
