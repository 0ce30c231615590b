/** https://url.spec.whatwg.org/#interface-urlsearchparams */
import { defineInterface } from '../shared/interface.ts';
import { part } from '../../core/facade.ts';
import { type PairIterator, pairIterators } from '../shared/pair-iterator.ts';

type Init = string | Iterable<readonly [string, string]> | Record<string, string>;
type Pair = [string, string];

export interface SearchParamsInternals {
  /** A list that belongs to a URL: `onChange` gets the serialised list after each change. */
  create(query: string, onChange: (query: string) => void): URLSearchParams;
  replace(params: URLSearchParams, query: string): void;
}

let searchParams: SearchParamsInternals;

export class URLSearchParams {
  #pairs: Pair[] = [];
  #onChange: ((query: string) => void) | undefined;

  static {
    searchParams = {
      create: (query, onChange) => {
        // A question mark at its start belongs to the first name.
        const params = new URLSearchParams();
        params.#pairs = parseForm(query);
        params.#onChange = onChange;
        return params;
      },
      replace: (params, query) => {
        params.#pairs = parseForm(query);
      },
    };
  }

  constructor(init: Init = '') {
    if ((typeof init === 'object' || typeof init === 'function') && init !== null) {
      this.#pairs = pairsOfObject(init);
      return;
    }
    const text = toText(init);
    this.#pairs = parseForm(text.startsWith('?') ? text.slice(1) : text);
  }

  get size(): number {
    return this.#pairs.length;
  }

  append(name: string, value: string): void {
    assertArguments('append', arguments.length, 2);
    this.#pairs.push([toText(name), toText(value)]);
    this.#changed();
  }

  delete(name: string, value?: string): void {
    assertArguments('delete', arguments.length, 1);
    const wanted = toText(name);
    const wantedValue = value === undefined ? undefined : toText(value);
    this.#pairs = this.#pairs.filter(
      (pair) => pair[0] !== wanted || (wantedValue !== undefined && pair[1] !== wantedValue),
    );
    this.#changed();
  }

  get(name: string): string | null {
    assertArguments('get', arguments.length, 1);
    const wanted = toText(name);
    return this.#pairs.find((pair) => pair[0] === wanted)?.[1] ?? null;
  }

  getAll(name: string): string[] {
    assertArguments('getAll', arguments.length, 1);
    const wanted = toText(name);
    return this.#pairs.filter((pair) => pair[0] === wanted).map((pair) => pair[1]);
  }

  has(name: string, value?: string): boolean {
    assertArguments('has', arguments.length, 1);
    const wanted = toText(name);
    const wantedValue = value === undefined ? undefined : toText(value);
    return this.#pairs.some((pair) => pair[0] === wanted && (wantedValue === undefined || pair[1] === wantedValue));
  }

  set(name: string, value: string): void {
    assertArguments('set', arguments.length, 2);
    const wanted = toText(name);
    const text = toText(value);
    const first = this.#pairs.find((pair) => pair[0] === wanted);
    if (first === undefined) {
      this.#pairs.push([wanted, text]);
    } else {
      first[1] = text;
      this.#pairs = this.#pairs.filter((pair) => pair === first || pair[0] !== wanted);
    }
    this.#changed();
  }

  sort(): void {
    this.#pairs.sort((a, b) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0));
    this.#changed();
  }

  forEach(callback: (value: string, name: string, params: URLSearchParams) => void, receiver?: unknown): void {
    if (typeof callback !== 'function') {
      throw new TypeError("Failed to execute 'forEach' on 'URLSearchParams': parameter 1 is not a function");
    }
    for (let index = 0; index < this.#pairs.length; index += 1) {
      const [name, value] = this.#pairs[index]!;
      callback.call(receiver, value, name, this);
    }
  }

  entries(): PairIterator<[string, string]> {
    return iterators.entries(() => this.#pairs);
  }

  keys(): PairIterator<string> {
    return iterators.keys(() => this.#pairs);
  }

  values(): PairIterator<string> {
    return iterators.values(() => this.#pairs);
  }

  declare [Symbol.iterator]: () => PairIterator<[string, string]>;

  toString(): string {
    return serializeForm(this.#pairs);
  }

  #changed(): void {
    this.#onChange?.(serializeForm(this.#pairs));
  }
}

const iterators = pairIterators('URLSearchParams Iterator');

Object.defineProperty(URLSearchParams.prototype, Symbol.iterator, {
  configurable: true,
  writable: true,
  value: URLSearchParams.prototype.entries,
});
defineInterface(URLSearchParams, 'URLSearchParams', { delete: 1, has: 1, forEach: 1 });

export { searchParams };

function pairsOfObject(init: Exclude<Init, string>): Pair[] {
  const iterator = (init as { [Symbol.iterator]?: unknown })[Symbol.iterator];
  if (iterator !== undefined && iterator !== null) {
    if (typeof iterator !== 'function') {
      throw new TypeError("Failed to construct 'URLSearchParams': the value is not iterable");
    }
    return Array.from(init as Iterable<readonly [string, string]>, (item): Pair => {
      const pair = typeof item === 'object' && item !== null ? [...item] : [];
      if (pair.length !== 2) {
        throw new TypeError("Failed to construct 'URLSearchParams': each pair needs a name and a value");
      }
      return [toText(pair[0]), toText(pair[1])];
    });
  }
  const pairs = new Map<string, string>();
  for (const key of Reflect.ownKeys(init)) {
    if (Reflect.getOwnPropertyDescriptor(init, key)?.enumerable !== true) continue;
    // A symbol throws a TypeError here, as it should.
    pairs.set(toText(key), toText((init as Record<string, string>)[key as string]));
  }
  return [...pairs];
}

/** https://url.spec.whatwg.org/#urlencoded-parsing */
function parseForm(input: string): Pair[] {
  const pairs: Pair[] = [];
  for (const piece of input.split('&')) {
    if (piece === '') continue;
    const equals = piece.indexOf('=');
    pairs.push(equals === -1 ? [decode(piece), ''] : [decode(piece.slice(0, equals)), decode(piece.slice(equals + 1))]);
  }
  return pairs;
}

function decode(text: string): string {
  const spaced = text.includes('+') ? text.replaceAll('+', ' ') : text;
  if (!spaced.includes('%')) return spaced;
  try {
    return decodeURIComponent(spaced);
  } catch {
    // Stray percent signs or bytes that are no UTF-8: decode byte by byte, with U+FFFD where it must be.
    return decodeLossy(spaced);
  }
}

function decodeLossy(text: string): string {
  const { encodeUtf8, decodeUtf8WithMark } = part('encoding');
  const source = encodeUtf8(text);
  const bytes: number[] = [];
  for (let at = 0; at < source.length; at += 1) {
    const hex = source[at] === 0x25 ? String.fromCharCode(source[at + 1] ?? 0, source[at + 2] ?? 0) : '';
    if (/^[0-9A-Fa-f]{2}$/.test(hex)) {
      bytes.push(Number.parseInt(hex, 16));
      at += 2;
    } else {
      bytes.push(source[at]!);
    }
  }
  return decodeUtf8WithMark(new Uint8Array(bytes));
}

const unreserved = /[^A-Za-z0-9*\-._]/gu;

/** https://url.spec.whatwg.org/#urlencoded-serializing */
function serializeForm(pairs: readonly Pair[]): string {
  return pairs.map(([name, value]) => `${encode(name)}=${encode(value)}`).join('&');
}

function encode(text: string): string {
  return text.replace(unreserved, (character) => {
    if (character === ' ') return '+';
    const code = character.charCodeAt(0);
    if (code >= 0x80) return encodeURIComponent(character);
    return `%${code < 16 ? '0' : ''}${code.toString(16).toUpperCase()}`;
  });
}

function toText(value: unknown): string {
  return `${value as string}`.toWellFormed();
}

function assertArguments(method: string, given: number, needed: number): void {
  if (given < needed) {
    throw new TypeError(
      `Failed to execute '${method}' on 'URLSearchParams': ${needed} argument(s) needed, ${given} given`,
    );
  }
}
