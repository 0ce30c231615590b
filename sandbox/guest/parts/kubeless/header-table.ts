import { invalidArgument, nodeError } from './node-error.ts';

export type HeaderValue = string | number | readonly string[];
type HeaderPairs = readonly (readonly [string, HeaderValue])[];
export type HeadersArgument = Readonly<Record<string, HeaderValue>> | HeaderPairs | readonly HeaderValue[];

const headerName = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const invalidValue = /[^\t\x20-\x7e\x80-\xff]/;

/** The headers of a response, checked as Node checks them when they are set. */
export class HeaderTable {
  /** By lower-case name: the name as it was set, and its value. */
  readonly #entries = new Map<string, [name: string, value: HeaderValue]>();

  set(name: unknown, value: unknown): void {
    const checkedName = checkName(name);
    this.#entries.set(checkedName.toLowerCase(), [checkedName, checkValue(checkedName, value)]);
  }

  append(name: unknown, value: unknown): void {
    const earlier = this.get(name);
    this.set(name, earlier === undefined ? value : [earlier, value].flat());
  }

  get(name: unknown): HeaderValue | undefined {
    return this.#entries.get(keyOf(name))?.[1];
  }

  has(name: unknown): boolean {
    return this.#entries.has(keyOf(name));
  }

  delete(name: unknown): void {
    this.#entries.delete(keyOf(name));
  }

  keys(): string[] {
    return [...this.#entries.keys()];
  }

  /** As they were set. */
  names(): string[] {
    return Array.from(this.#entries.values(), ([name]) => name);
  }

  toObject(): Record<string, HeaderValue> {
    const object = Object.create(null) as Record<string, HeaderValue>;
    for (const [key, [, value]] of this.#entries) object[key] = value;
    return object;
  }

  /** As they are sent, names and values in turn; of an array, one line per item. */
  lines(): string[] {
    const lines: string[] = [];
    for (const [key, [, value]] of this.#entries) {
      for (const text of [value].flat()) lines.push(key, String(text));
    }
    return lines;
  }
}

/** Headers given as an object, as a list of pairs, or as names and values in turn. */
export function headerPairs(headers: HeadersArgument | undefined): HeaderPairs {
  if (headers === undefined || headers === null) return [];
  if (!Array.isArray(headers)) return Object.entries(headers as Readonly<Record<string, HeaderValue>>);
  if (headers.every((item) => Array.isArray(item))) return headers as unknown as HeaderPairs;
  if (headers.length % 2 !== 0) {
    throw nodeError(TypeError, 'ERR_INVALID_ARG_VALUE', `The argument 'headers' is invalid. It has an odd length`);
  }
  // Equal names stay separate lines.
  const table = new Map<string, HeaderValue>();
  for (let index = 0; index < headers.length; index += 2) {
    const name = String(headers[index]);
    const earlier = table.get(name);
    const value = headers[index + 1] as HeaderValue;
    table.set(name, earlier === undefined ? value : [earlier, value].flat().map(String));
  }
  return [...table];
}

export function hasInvalidCharacter(text: string): boolean {
  return invalidValue.test(text);
}

function keyOf(name: unknown): string {
  if (typeof name !== 'string') throw invalidArgument('name', 'of type string', name);
  return name.toLowerCase();
}

function checkName(name: unknown): string {
  if (typeof name === 'string' && headerName.test(name)) return name;
  throw nodeError(TypeError, 'ERR_INVALID_HTTP_TOKEN', `Header name must be a valid HTTP token ["${String(name)}"]`);
}

function checkValue(name: string, value: unknown): HeaderValue {
  if (value === undefined) {
    throw nodeError(TypeError, 'ERR_HTTP_INVALID_HEADER_VALUE', `Invalid value "undefined" for header "${name}"`);
  }
  for (const text of [value].flat()) {
    if (hasInvalidCharacter(String(text))) {
      throw nodeError(TypeError, 'ERR_INVALID_CHAR', `Invalid character in header content ["${name}"]`);
    }
  }
  return value as HeaderValue;
}
