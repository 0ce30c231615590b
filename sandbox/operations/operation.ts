/**
 * What host operations have in common. Arguments come from hostile code: each operation checks type, size and number, and what it keeps for a
 * guest is counted and goes with the invocation.
 */

/** What an operation answers: text or bytes; `undefined` refuses, without a reason. */
export type OperationResult = string | Uint8Array | undefined;

/** The things that the host keeps for the invocations of one realm: keys, compressors, hashes. The guest knows them by number. */
export class HostHandles {
  readonly #max: number;
  readonly #handles = new Map<number, Handle>();
  #next = 1;

  constructor(max = maxHandles) {
    this.#max = max;
  }

  get size(): number {
    return this.#handles.size;
  }

  /** @throws OperationError when there are too many. */
  add(value: object, close?: () => void): number {
    if (this.#handles.size >= this.#max) {
      throw new OperationError('QuotaExceededError', `over ${this.#max} keys, streams and hashes in one isolate`);
    }
    const id = this.#next;
    this.#next += 1;
    this.#handles.set(id, { value, close });
    return id;
  }

  /** @throws OperationError when there is no such thing of this kind. */
  get<T extends object>(id: unknown, Kind: abstract new (...args: never[]) => T): T {
    const value = typeof id === 'number' ? this.#handles.get(id)?.value : undefined;
    if (value instanceof Kind) return value;
    throw new OperationError('TypeError', 'the host has nothing under this number');
  }

  remove(id: number): void {
    this.#handles.get(id)?.close?.();
    this.#handles.delete(id);
  }

  close(): void {
    for (const { close } of this.#handles.values()) close?.();
    this.#handles.clear();
  }
}
interface Handle {
  readonly value: object;
  readonly close: (() => void) | undefined;
}

/** What one invocation can have in a realm of its own. */
export const maxHandles = 5_000;

/** A failure that the guest is told of: it makes an exception of this name. */
export class OperationError extends Error {
  override readonly name: string;

  constructor(name: string, message: string) {
    super(message);
    this.name = name;
  }
}

/** @throws OperationError when the value is over the limit. */
export function atMost(name: string, value: number, most: number): number {
  if (value > most) throw new OperationError('RangeError', `${name} is over the limit of ${most}`);
  return value;
}

/** Begins the text of an operation that failed; the name and the message of the error follow, with a line break between. */
const failureMark = '!';
const maxMessageLength = 500;

/** The answer for a guest to anything thrown. Errors of Node have texts without paths; their stacks stay here. */
export function failureText(thrown: unknown): string {
  const { name, message } = thrown as Error;
  const plain = typeof name === 'string' && /^[A-Z]\w{2,40}$/.test(name) ? name : 'Error';
  // A DOMException may have the name of another kind of error.
  const known = thrown instanceof DOMException ? `DOMException:${plain}` : plain;
  const code = (thrown as { code?: unknown }).code;
  const shownCode = typeof code === 'string' && /^[A-Z0-9_]{1,60}$/.test(code) ? code : '';
  return `${failureMark}${known}\n${shownCode}\n${String(message).slice(0, maxMessageLength)}`;
}
