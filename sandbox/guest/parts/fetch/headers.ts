/** https://fetch.spec.whatwg.org/#headers-class */
import { assertArguments, defineInterface } from '../shared/interface.ts';
import { type PairIterator, pairIterators } from '../shared/pair-iterator.ts';

type Guard = 'none' | 'immutable';
type Pair = readonly [string, string];
export type HeadersInit = Headers | Iterable<readonly [string, string]> | Record<string, string>;

const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const badValue = /[\0\r\n]/;
const notLatin1 = /[^\0-\xff]/;
const edgeWhitespace = /^[\t\n\r ]+|[\t\n\r ]+$/g;

/** A list that is never changed again: made of the header lines that the host sent. */
let headersOfLines: (lines: string[], guard: Guard) => Headers;
let linesOf: (headers: Headers) => readonly string[];
let isHeaders: (value: object) => value is Headers;
let setGuard: (headers: Headers, guard: Guard) => void;
let provideLine: (headers: Headers, name: string, value: string) => void;

export class Headers {
  /** Lower-case names and values in turn. */
  #lines: string[] = [];
  #guard: Guard = 'none';
  #sorted: Pair[] | undefined;
  #sortedLength = 0;

  static {
    headersOfLines = (lines, guard) => {
      const headers = new Headers();
      headers.#lines = lines;
      headers.#guard = guard;
      return headers;
    };
    linesOf = (headers) => headers.#lines;
    isHeaders = (value): value is Headers => #lines in value;
    setGuard = (headers, guard) => {
      headers.#guard = guard;
    };
    provideLine = (headers, name, value) => {
      const lines = headers.#lines;
      for (let index = 0; index < lines.length; index += 2) if (lines[index] === name) return;
      lines.push(name, value);
    };
  }

  constructor(init?: HeadersInit) {
    if (init !== undefined) fillHeaders(this, init);
  }

  append(name: string, value: string): void {
    assertArguments(arguments.length, 2, "Failed to execute 'append' on 'Headers'");
    name = validateName('append', name);
    value = validateValue('append', name, value);
    this.#assertMutable();
    this.#lines.push(name, value);
  }

  delete(name: string): void {
    assertArguments(arguments.length, 1, "Failed to execute 'delete' on 'Headers'");
    name = validateName('delete', name);
    this.#assertMutable();
    this.#remove(name);
  }

  get(name: string): string | null {
    assertArguments(arguments.length, 1, "Failed to execute 'get' on 'Headers'");
    name = validateName('get', name);
    let found: string | null = null;
    const lines = this.#lines;
    for (let index = 0; index < lines.length; index += 2) {
      if (lines[index] === name) found = found === null ? lines[index + 1]! : `${found}, ${lines[index + 1]!}`;
    }
    return found;
  }

  getSetCookie(): string[] {
    const values: string[] = [];
    const lines = this.#lines;
    for (let index = 0; index < lines.length; index += 2) {
      if (lines[index] === 'set-cookie') values.push(lines[index + 1]!);
    }
    return values;
  }

  has(name: string): boolean {
    assertArguments(arguments.length, 1, "Failed to execute 'has' on 'Headers'");
    name = validateName('has', name);
    const lines = this.#lines;
    for (let index = 0; index < lines.length; index += 2) {
      if (lines[index] === name) return true;
    }
    return false;
  }

  set(name: string, value: string): void {
    assertArguments(arguments.length, 2, "Failed to execute 'set' on 'Headers'");
    name = validateName('set', name);
    value = validateValue('set', name, value);
    this.#assertMutable();
    const lines = this.#lines;
    for (let index = 0; index < lines.length; index += 2) {
      if (lines[index] !== name) continue;
      lines[index + 1] = value;
      this.#remove(name, index + 2);
      return;
    }
    this.#sorted = undefined;
    lines.push(name, value);
  }

  forEach(callback: (value: string, name: string, headers: Headers) => void, receiver?: unknown): void {
    if (typeof callback !== 'function') {
      throw new TypeError("Failed to execute 'forEach' on 'Headers': parameter 1 is not a function");
    }
    for (let index = 0; index < this.#entries().length; index += 1) {
      const [name, value] = this.#entries()[index]!;
      callback.call(receiver, value, name, this);
    }
  }

  entries(): PairIterator<[string, string]> {
    return iterators.entries(() => this.#entries());
  }

  keys(): PairIterator<string> {
    return iterators.keys(() => this.#entries());
  }

  values(): PairIterator<string> {
    return iterators.values(() => this.#entries());
  }

  declare [Symbol.iterator]: () => PairIterator<[string, string]>;

  /** Sorted by name; equal names joined, except `set-cookie`. */
  #entries(): readonly Pair[] {
    // Length tells of appends, which do not clear the list.
    if (this.#sorted !== undefined && this.#sortedLength === this.#lines.length) return this.#sorted;
    const entries: [string, string][] = [];
    const joined = new Map<string, [string, string]>();
    const lines = this.#lines;
    for (let index = 0; index < lines.length; index += 2) {
      const name = lines[index]!;
      const value = lines[index + 1]!;
      const earlier = name === 'set-cookie' ? undefined : joined.get(name);
      if (earlier === undefined) {
        const entry: [string, string] = [name, value];
        entries.push(entry);
        joined.set(name, entry);
      } else {
        earlier[1] += `, ${value}`;
      }
    }
    entries.sort((a, b) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0));
    this.#sorted = entries;
    this.#sortedLength = lines.length;
    return entries;
  }

  #remove(name: string, from = 0): void {
    this.#sorted = undefined;
    const lines = this.#lines;
    let kept = from;
    for (let index = from; index < lines.length; index += 2) {
      if (lines[index] === name) continue;
      lines[kept] = lines[index]!;
      lines[kept + 1] = lines[index + 1]!;
      kept += 2;
    }
    lines.length = kept;
  }

  #assertMutable(): void {
    if (this.#guard === 'immutable') throw new TypeError('these headers are immutable');
  }
}

const iterators = pairIterators('Headers Iterator');

Object.defineProperty(Headers.prototype, Symbol.iterator, {
  configurable: true,
  writable: true,
  value: Headers.prototype.entries,
});
defineInterface(Headers, 'Headers', { constructor: 0, forEach: 1 });

export function fillHeaders(headers: Headers, init: HeadersInit): void {
  if ((typeof init !== 'object' && typeof init !== 'function') || init === null) {
    throw new TypeError("Failed to construct 'Headers': the initial value must be an object or a sequence of pairs");
  }
  const iterator = (init as { [Symbol.iterator]?: unknown })[Symbol.iterator];
  if (iterator !== undefined && iterator !== null) {
    if (typeof iterator !== 'function') throw new TypeError("Failed to construct 'Headers': the value is not iterable");
    for (const pair of init as Iterable<readonly [string, string]>) {
      const items = typeof pair === 'object' && pair !== null ? [...pair] : [];
      if (items.length !== 2) throw new TypeError("Failed to construct 'Headers': each pair needs a name and a value");
      headers.append(items[0]!, items[1]!);
    }
    return;
  }
  const pairs: Pair[] = [];
  for (const key of Reflect.ownKeys(init)) {
    const descriptor = Reflect.getOwnPropertyDescriptor(init, key);
    if (descriptor === undefined || descriptor.enumerable !== true) continue;
    if (typeof key === 'symbol') throw new TypeError("Failed to construct 'Headers': a name is a symbol");
    if (notLatin1.test(key)) throw new TypeError(`Failed to construct 'Headers': invalid name ${quote(key)}`);
    const value = `${(init as Record<string, string>)[key]!}`;
    if (notLatin1.test(value)) {
      throw new TypeError(`Failed to construct 'Headers': the value of ${quote(key)} has a character above U+00FF`);
    }
    pairs.push([key, value]);
  }
  for (const [key, value] of pairs) headers.append(key, value);
}

export function headersFromLines(lines: string[], guard: Guard): Headers {
  return headersOfLines(lines, guard);
}

export function headerLines(headers: Headers): readonly string[] {
  return linesOf(headers);
}

export function guardHeaders(headers: Headers, guard: Guard): void {
  setGuard(headers, guard);
}

/** Adds a line unless there is one of that name: a lower-case name and a value that are known to be valid. */
export function provideHeader(headers: Headers, name: string, value: string): void {
  provideLine(headers, name, value);
}

/** ASCII lower case; throws on anything that is not a header name. */
function validateName(method: string, name: unknown): string {
  const text = `${name as string}`;
  if (isUsualName(text)) return text;
  if (!token.test(text)) throw new TypeError(`Failed to execute '${method}' on 'Headers': invalid name ${quote(text)}`);
  return text.toLowerCase();
}

function validateValue(method: string, name: string, value: unknown): string {
  const text = `${value as string}`;
  if (isUsualValue(text)) return text;
  if (notLatin1.test(text)) {
    throw new TypeError(
      `Failed to execute '${method}' on 'Headers': the value of "${name}" has a character above U+00FF: ${quote(text)}`,
    );
  }
  const trimmed = text.replace(edgeWhitespace, '');
  if (badValue.test(trimmed)) {
    throw new TypeError(`Failed to execute '${method}' on 'Headers': invalid value of "${name}": ${quote(text)}`);
  }
  return trimmed;
}

/**
 * In an isolate that serves one call, a regular expression costs more to compile than to run. What nearly all names and values are like is
 * found out without one.
 */
const maxUsualLength = 100;

/** Of lower-case letters, digits and hyphens. */
function isUsualName(text: string): boolean {
  const { length } = text;
  if (length === 0 || length > maxUsualLength) return false;
  for (let index = 0; index < length; index += 1) {
    const code = text.charCodeAt(index);
    if ((code < 97 || code > 122) && code !== 45 && (code < 48 || code > 57)) return false;
  }
  return true;
}

/** Of visible ASCII characters, with spaces between them. */
function isUsualValue(text: string): boolean {
  const { length } = text;
  if (length > maxUsualLength || text.charCodeAt(0) === 32 || text.charCodeAt(length - 1) === 32) return false;
  for (let index = 0; index < length; index += 1) {
    const code = text.charCodeAt(index);
    if (code < 32 || code > 126) return false;
  }
  return true;
}

function quote(text: string): string {
  return JSON.stringify(text.length > 100 ? `${text.slice(0, 100)}...` : text);
}

/** For `structuredClone`; `undefined` of anything else. */
export function cloneOfHeaders(value: object): Headers | undefined {
  return isHeaders(value) ? headersOfLines([...linesOf(value)], 'none') : undefined;
}
