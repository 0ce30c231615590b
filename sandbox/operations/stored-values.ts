/** Storage operations of a guest. Small values cross with the answer, large ones when they are asked for. */
import { byteFields, maxFieldBytes } from '../byte-fields.ts';
import { sourceOfBytes } from '../byte-source.ts';
import type { InvocationStorage } from '../storage/service.ts';
import { bodyKind, encodeFrame } from '../wire.ts';
import type { Bodies } from './bodies.ts';

export class StoredValues {
  readonly #open: () => InvocationStorage;
  readonly #bodies: Bodies;
  #storage: InvocationStorage | undefined;

  /** @param open Called with the first operation. */
  constructor(open: () => InvocationStorage, bodies: Bodies) {
    this.#open = open;
    this.#bodies = bodies;
  }

  /** Answers the fields of the answer, behind the kind and content of the value. @throws StorageError */
  async call(frame: string, payload: unknown): Promise<string> {
    this.#storage ??= this.#open();
    const { fields, bytes } = await this.#storage.call(frame, payload instanceof Uint8Array ? payload : undefined);
    return encodeFrame([...(bytes === undefined ? [bodyKind.none, ''] : this.#value(bytes)), ...fields]);
  }

  #value(bytes: Uint8Array): [kind: string, content: string] {
    if (bytes.length <= maxFieldBytes) return byteFields(bytes);
    return [bodyKind.held, String(this.#bodies.add(sourceOfBytes(bytes)))];
  }
}
