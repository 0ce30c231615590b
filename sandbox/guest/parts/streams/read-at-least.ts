/** `readAtLeast` of readers with a buffer of their own, as on Workers: the standard's `read(view, { min })` by another name. */
import { ReadableStreamBYOBReader } from 'web-streams-polyfill';

interface Reader {
  read(view: ArrayBufferView, options: { readonly min: number }): Promise<unknown>;
}

const methods = {
  async readAtLeast(this: Reader, minElements: number, view: ArrayBufferView): Promise<unknown> {
    const min = Number(minElements);
    if (!(Number.isInteger(min) && min >= 1)) {
      throw new TypeError(`readAtLeast needs a number of elements from 1 on, not ${String(minElements)}`);
    }
    return await this.read(view, { min });
  },
};

export function addReadAtLeast(): void {
  Object.defineProperty(ReadableStreamBYOBReader.prototype, 'readAtLeast', {
    configurable: true,
    enumerable: true,
    writable: true,
    value: methods.readAtLeast,
  });
}
