/** `readAtLeast` of readers with a buffer of their own, as on Workers: the standard's `read(view, { min })` by another name. */
import { ReadableStreamBYOBReader, ReadableStreamBYOBRequest } from 'web-streams-polyfill';

interface Reader {
  read(view: ArrayBufferView, options: { readonly min: number }): Promise<unknown>;
}

const methods = {
  async readAtLeast(this: Reader, minElements: number, view: ArrayBufferView): Promise<unknown> {
    const min = Number(minElements);
    if (!(Number.isInteger(min) && min >= 1)) {
      throw new TypeError(`readAtLeast needs a number of elements from 1 on, not ${String(minElements)}`);
    }
    const { length = view.byteLength } = view as { readonly length?: number } & ArrayBufferView;
    if (min > length) throw new TypeError(`readAtLeast cannot read ${min} elements into a view of ${length}`);
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

/** What the library knows of a request: who reads wants `minimumFill` bytes, of which `bytesFilled` are there. */
interface Request {
  readonly view: ArrayBufferView | null;
  readonly _associatedReadableByteStreamController?: {
    readonly _pendingPullIntos: { peek(): { readonly minimumFill: number; readonly bytesFilled: number } };
  };
}

const getters = {
  get atLeast(): number | null {
    const { view, _associatedReadableByteStreamController: controller } = this as unknown as Request;
    if (view === null || controller === undefined) return null;
    const { bytesFilled, minimumFill } = controller._pendingPullIntos.peek();
    return minimumFill - bytesFilled;
  },
};

/** `atLeast` of a request for bytes, as on Workers: how many are still wanted. */
export function addAtLeast(): void {
  const get = Object.getOwnPropertyDescriptor(getters, 'atLeast')!.get!;
  Object.defineProperty(ReadableStreamBYOBRequest.prototype, 'atLeast', { configurable: true, enumerable: true, get });
}
