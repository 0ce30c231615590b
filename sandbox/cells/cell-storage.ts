import { type InvocationStorage, type StorageAnswer, StorageError } from '../storage/service.ts';
import { decodeFrame } from '../wire.ts';
import type { FrameReader, FrameWriter } from './frame.ts';
import { maxStorageFields, toFront } from './protocol.ts';

interface Pending {
  readonly resolve: (answer: StorageAnswer) => void;
  readonly reject: (error: StorageError) => void;
}

/** Storage in a cell: the values are with the front. */
export class CellStorage implements InvocationStorage {
  readonly #begin: (kind: number) => FrameWriter;
  readonly #pending = new Map<number, Pending>();
  #lastNumber = 0;

  constructor(begin: (kind: number) => FrameWriter) {
    this.#begin = begin;
  }

  call(request: string, bytes: Uint8Array | undefined): Promise<StorageAnswer> {
    this.#lastNumber += 1;
    const number = this.#lastNumber;
    const frame = this.#begin(toFront.storage)
      .count(number)
      .text(request)
      .count(bytes === undefined ? 0 : 1);
    if (bytes !== undefined) frame.bytes(bytes);
    frame.end();
    return new Promise((resolve, reject) => {
      this.#pending.set(number, { resolve, reject });
    });
  }

  answered(frame: FrameReader): void {
    const number = frame.count();
    const pending = this.#pending.get(number);
    this.#pending.delete(number);
    const error = frame.text();
    if (error !== '') {
      pending?.reject(new StorageError(error));
      return;
    }
    const fields = decodeFrame(frame.text(), maxStorageFields) ?? [];
    pending?.resolve({ fields, bytes: frame.count() === 0 ? undefined : new Uint8Array(frame.bytes()) });
  }
}
