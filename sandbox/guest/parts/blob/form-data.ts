/** https://xhr.spec.whatwg.org/#interface-formdata */
import { assertArguments, defineInterface } from '../shared/interface.ts';
import { type PairIterator, pairIterators } from '../shared/pair-iterator.ts';
import { type Blob, createFile, File, isBlob } from './blob.ts';

export type FormDataValue = string | File;
type Entry = [name: string, value: FormDataValue];

let entries: (value: unknown) => Entry[] | undefined;

export class FormData {
  #entries: Entry[] = [];

  static {
    entries = (value) =>
      typeof value === 'object' && value !== null && #entries in value ? (value as FormData).#entries : undefined;
  }

  constructor(form?: undefined) {
    if (form !== undefined) throw new TypeError("Failed to construct 'FormData': there are no forms");
  }

  append(name: string, value: string | Blob, fileName?: string): void {
    this.#entries.push(entryOf('append', arguments.length, name, value, fileName));
  }

  delete(name: string): void {
    assertArguments(arguments.length, 1, "Failed to execute 'delete' on 'FormData'");
    const wanted = toText(name);
    this.#entries = this.#entries.filter((entry) => entry[0] !== wanted);
  }

  get(name: string): FormDataValue | null {
    assertArguments(arguments.length, 1, "Failed to execute 'get' on 'FormData'");
    const wanted = toText(name);
    return this.#entries.find((entry) => entry[0] === wanted)?.[1] ?? null;
  }

  getAll(name: string): FormDataValue[] {
    assertArguments(arguments.length, 1, "Failed to execute 'getAll' on 'FormData'");
    const wanted = toText(name);
    return this.#entries.filter((entry) => entry[0] === wanted).map((entry) => entry[1]);
  }

  has(name: string): boolean {
    assertArguments(arguments.length, 1, "Failed to execute 'has' on 'FormData'");
    const wanted = toText(name);
    return this.#entries.some((entry) => entry[0] === wanted);
  }

  set(name: string, value: string | Blob, fileName?: string): void {
    const entry = entryOf('set', arguments.length, name, value, fileName);
    const index = this.#entries.findIndex((one) => one[0] === entry[0]);
    if (index === -1) {
      this.#entries.push(entry);
      return;
    }
    this.#entries = this.#entries.filter((one, at) => at <= index || one[0] !== entry[0]);
    this.#entries[index] = entry;
  }

  forEach(callback: (value: FormDataValue, name: string, form: FormData) => void, receiver?: unknown): void {
    if (typeof callback !== 'function') {
      throw new TypeError("Failed to execute 'forEach' on 'FormData': parameter 1 is not a function");
    }
    for (let index = 0; index < this.#entries.length; index += 1) {
      const [name, value] = this.#entries[index]!;
      callback.call(receiver, value, name, this);
    }
  }

  entries(): PairIterator<[string, FormDataValue]> {
    void this.#entries;
    return iterators.entries(() => this.#entries);
  }
  keys(): PairIterator<string> {
    void this.#entries;
    return iterators.keys(() => this.#entries);
  }
  values(): PairIterator<FormDataValue> {
    void this.#entries;
    return iterators.values(() => this.#entries);
  }

  declare [Symbol.iterator]: () => PairIterator<[string, FormDataValue]>;
}

const iterators = pairIterators<FormDataValue>('FormData Iterator');

defineInterface(FormData, 'FormData', { constructor: 0, append: 2, set: 2, forEach: 1 });
Object.defineProperty(FormData.prototype, Symbol.iterator, {
  configurable: true,
  writable: true,
  value: FormData.prototype.entries,
});

export function isFormData(value: unknown): value is FormData {
  return entries(value) !== undefined;
}

export function entriesOf(form: FormData): readonly Entry[] {
  return entries(form)!;
}

function entryOf(method: string, given: number, name: unknown, value: unknown, fileName: unknown): Entry {
  const what = `Failed to execute '${method}' on 'FormData'`;
  assertArguments(given, 2, what);
  const key = toText(name);
  if (!isBlob(value)) {
    if (given > 2) throw new TypeError(`${what}: parameter 2 is not a Blob`);
    return [key, toText(value)];
  }
  if (given > 2 && fileName !== undefined) return [key, createFile(value, toText(fileName))];
  return [key, value instanceof File ? value : createFile(value, 'blob')];
}

function toText(value: unknown): string {
  return `${value as string}`.toWellFormed();
}
