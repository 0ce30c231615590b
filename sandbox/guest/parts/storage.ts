/** Storage bindings: the interface of KV namespaces on Workers. */
import { bodyKind } from '../../wire.ts';
import { callAsync, encodeFrame, part, readFrame } from '../core/facade.ts';
import type { GuestReadableStream } from './fetch.ts';
import { bytesOfLatin1 } from './shared/latin1.ts';

type Form = 'text' | 'json' | 'arrayBuffer' | 'stream';
type Value = string | ArrayBuffer | ArrayBufferView | GuestReadableStream;

interface PutOptions {
  /** Seconds since 1970. */
  readonly expiration?: number;
  /** Seconds from now. */
  readonly expirationTtl?: number;
  readonly metadata?: unknown;
}

interface ListOptions {
  readonly prefix?: string;
  readonly limit?: number;
  readonly cursor?: string;
}

interface ListedKey {
  readonly name: string;
  readonly expiration?: number;
  readonly metadata?: unknown;
}

const defaultLimit = 1_000;

export class KVNamespace {
  readonly #binding: string;

  constructor(binding: string) {
    this.#binding = binding;
  }

  async get(key: string, form?: Form | { readonly type?: Form }): Promise<unknown> {
    return (await this.getWithMetadata(key, form)).value;
  }

  async getWithMetadata(
    key: string,
    form?: Form | { readonly type?: Form },
  ): Promise<{ value: unknown; metadata: unknown }> {
    const [kind, content, metadata] = await this.#call('get', [keyOf(key)]);
    if (kind === bodyKind.none) return { value: null, metadata: null };
    const value = await formed(kind!, content!, (typeof form === 'object' ? form?.type : form) ?? 'text');
    return { value, metadata: metadata === '' ? null : JSON.parse(metadata!) };
  }

  async put(key: string, value: Value, options: PutOptions = {}): Promise<void> {
    const { expiration, expirationTtl, metadata } = options;
    const expires =
      expirationTtl === undefined
        ? expiration
        : Math.floor(Date.now() / 1_000) + positive('expirationTtl', expirationTtl);
    const at = expires === undefined ? '' : String(Math.floor(positive('expiration', expires) * 1_000));
    const text = metadata === undefined || metadata === null ? '' : JSON.stringify(metadata);
    const { Response } = part('fetch');
    // What a body can be made of, a value can be.
    const bytes = await new Response(value).bytes();
    await this.#call('put', [keyOf(key), at, text], bytes);
  }

  async delete(key: string): Promise<void> {
    await this.#call('delete', [keyOf(key)]);
  }

  async list({ prefix = '', limit = defaultLimit, cursor = '' }: ListOptions = {}): Promise<{
    keys: ListedKey[];
    list_complete: boolean;
    cursor?: string;
  }> {
    const [, , isComplete, ...fields] = await this.#call('list', [`${prefix}`, `${cursor ?? ''}`, String(limit)]);
    const keys: ListedKey[] = [];
    for (let index = 0; index < fields.length; index += 3) {
      const [name, metadata, expires] = [fields[index]!, fields[index + 1]!, fields[index + 2]!];
      keys.push({
        name,
        ...(expires !== '' && { expiration: Number(expires) / 1_000 }),
        ...(metadata !== '' && { metadata: JSON.parse(metadata) as unknown }),
      });
    }
    if (isComplete === '1') return { keys, list_complete: true };
    return { keys, list_complete: false, cursor: keys.at(-1)?.name ?? '' };
  }

  async #call(operation: string, rest: string[], bytes?: Uint8Array): Promise<string[]> {
    let answer;
    try {
      answer = await callAsync('storage', encodeFrame([operation, this.#binding, ...rest]), bytes);
    } catch (reason) {
      throw new Error((reason as Error).message.replace(/^ERR_STORAGE: /, ''), { cause: reason });
    }
    return readFrame(answer as string);
  }
}

Object.defineProperty(KVNamespace.prototype, Symbol.toStringTag, { configurable: true, value: 'KVNamespace' });

async function formed(kind: string, content: string, form: Form): Promise<unknown> {
  if (kind === bodyKind.text && form === 'text') return content;
  if (kind === bodyKind.text && form === 'json') return JSON.parse(content);
  const { bodyOf, HeldBody, receivedResponse } = part('fetch');
  const source =
    kind === bodyKind.held ? new HeldBody(Number(content)) : kind === bodyKind.text ? content : bytesOfLatin1(content);
  const response = receivedResponse({
    status: 200,
    statusText: '',
    url: '',
    redirected: false,
    headers: [],
    body: bodyOf(source),
  });
  switch (form) {
    case 'text':
      return response.text();
    case 'json':
      return response.json();
    case 'arrayBuffer':
      return response.arrayBuffer();
    case 'stream':
      return response.body;
    default:
      throw new TypeError(`a value can be had as text, json, arrayBuffer or stream, not as ${String(form)}`);
  }
}

function keyOf(key: unknown): string {
  return `${key as string}`.toWellFormed();
}

function positive(name: string, value: unknown): number {
  const number = Number(value);
  if (Number.isFinite(number) && number > 0) return number;
  throw new TypeError(`${name} must be a number of seconds, not ${String(value)}`);
}
