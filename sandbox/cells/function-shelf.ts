import type { RuntimeImage } from '../runtime-image.ts';
import type { SandboxFunction } from '../sandbox.ts';
import type { Channel } from './channel.ts';
import { toCell, writeFunction } from './protocol.ts';

/** Sources and their code caches that a cell keeps; those of functions that were not called for long are given up. */
const maxBytes = 64 * 1024 * 1024;
const maxFunctions = 500;

interface Shelved {
  /** By which the cell knows it. */
  readonly number: number;
  readonly bytes: number;
}

/** The functions that a cell has been sent, so that each crosses once. */
export class FunctionShelf {
  readonly #channel: Channel;
  /** In the order of their last use. */
  readonly #shelved = new Map<SandboxFunction, Shelved>();
  readonly #images = new Set<number>();
  #next = 1;
  #bytes = 0;

  constructor(channel: Channel) {
    this.#channel = channel;
  }

  /** The number by which the cell knows a function; sends it when the cell does not know it. */
  numberOf(fn: SandboxFunction, imageNumber: number, image: RuntimeImage, cache: Buffer | undefined): number {
    const known = this.#shelved.get(fn);
    if (known !== undefined) {
      this.#shelved.delete(fn);
      this.#shelved.set(fn, known);
      return known.number;
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
    const bytes = fn.bundle.source.length + (cache?.length ?? 0);
    this.#shelved.set(fn, { number, bytes });
    this.#bytes += bytes;
    this.#giveUpOldest();
    return number;
  }

  /** Invocations under way have the function in hand; later ones get it sent again. */
  forget(fn: SandboxFunction): void {
    const known = this.#shelved.get(fn);
    if (known === undefined) return;
    this.#shelved.delete(fn);
    this.#bytes -= known.bytes;
    this.#channel.begin(toCell.forget, known.number).end();
  }

  #giveUpOldest(): void {
    for (const fn of this.#shelved.keys()) {
      if (this.#bytes <= maxBytes && this.#shelved.size <= maxFunctions) return;
      if (this.#shelved.size === 1) return;
      this.forget(fn);
    }
  }
}
