/** https://w3c.github.io/FileAPI/#blob-section */
import type { ReadableStream } from 'web-streams-polyfill';
import { part } from '../../core/facade.ts';
import { joinBytes } from '../shared/join-bytes.ts';
import { copyBufferSource, isBufferSource } from '../shared/buffer-source.ts';
import { assertArguments, defineInterface } from '../shared/interface.ts';

export interface BlobPropertyBag {
  type?: string;
  endings?: string;
}
export interface FilePropertyBag extends BlobPropertyBag {
  lastModified?: number;
}

const chunkBytes = 64 * 1024;
/** Marks calls of the constructors that take bytes as they are. */
const adopted = Symbol('adopted');

let bytesOfBlob: (blob: Blob) => Uint8Array<ArrayBuffer>;
let isOfBlob: (value: unknown) => value is Blob;

export class Blob {
  /** Never changed. */
  readonly #bytes: Uint8Array<ArrayBuffer>;
  readonly #type: string;

  static {
    bytesOfBlob = (blob) => blob.#bytes;
    isOfBlob = (value): value is Blob => typeof value === 'object' && value !== null && #bytes in value;
  }

  constructor(parts?: Iterable<unknown>, options?: BlobPropertyBag) {
    if ((options as unknown) === adopted) {
      [this.#bytes, this.#type] = parts as unknown as [Uint8Array<ArrayBuffer>, string];
      return;
    }
    const items = parts === undefined ? [] : listOf(parts);
    const { endings, type } = readOptions(options);
    this.#bytes = concatenate(items, endings === 'native');
    this.#type = type;
  }

  get size(): number {
    return this.#bytes.length;
  }
  get type(): string {
    return this.#type;
  }

  slice(start?: number, end?: number, contentType: string = ''): Blob {
    const { length } = this.#bytes;
    const from = clamp(start, length, 0);
    const to = clamp(end, length, length);
    return create(this.#bytes.subarray(from, Math.max(from, to)), normalizeType(`${contentType}`));
  }

  stream(): ReadableStream<Uint8Array> {
    const bytes = this.#bytes;
    let offset = 0;
    return new (part('streams').ReadableStream)<Uint8Array>({
      type: 'bytes',
      pull(controller) {
        if (offset < bytes.length) {
          controller.enqueue(bytes.slice(offset, offset + chunkBytes));
          offset += chunkBytes;
        }
        if (offset < bytes.length) return;
        controller.close();
        controller.byobRequest?.respond(0);
      },
    });
  }

  async text(): Promise<string> {
    return part('encoding').decodeUtf8(this.#bytes);
  }
  async arrayBuffer(): Promise<ArrayBuffer> {
    return this.#bytes.slice().buffer;
  }
  async bytes(): Promise<Uint8Array> {
    return this.#bytes.slice();
  }
}

defineInterface(Blob, 'Blob', { constructor: 0, slice: 0 });

type Inspect = (value: unknown, options: object) => string;

/** How `console` and `util.inspect` of Node show it. */
function showAs(Class: { prototype: object }, fieldsOf: (blob: never) => object): void {
  Object.defineProperty(Class.prototype, Symbol.for('nodejs.util.inspect.custom'), {
    configurable: true,
    writable: true,
    value(this: Blob, depth: number, options: object, inspect: Inspect): string {
      const { name } = this.constructor as { name: string };
      if (depth < 0) return `[${name}]`;
      return `${name} ${inspect(fieldsOf(this as never), { ...options, depth: depth - 1 })}`;
    },
  });
}
showAs(Blob, ({ size, type }: Blob) => ({ size, type }));

let fileFields: (value: object) => FileFields | undefined;

interface FileFields {
  readonly name: string;
  readonly lastModified: number;
}

export class File extends Blob {
  readonly #fields: FileFields;

  static {
    fileFields = (value) => (#fields in value ? (value as File).#fields : undefined);
  }

  constructor(parts: Iterable<unknown>, name: string, options?: FilePropertyBag) {
    if ((options as unknown) === adopted) {
      super(parts, options);
      this.#fields = name as unknown as FileFields;
      return;
    }
    assertArguments(arguments.length, 2, "Failed to construct 'File'");
    if (parts === undefined) throw new TypeError("Failed to construct 'File': the first argument must be a sequence");
    super(parts, options);
    const { lastModified } = (options ?? {}) as FilePropertyBag;
    this.#fields = {
      name: `${name}`.toWellFormed(),
      lastModified: lastModified === undefined ? Date.now() : Math.trunc(toNumber(lastModified)) || 0,
    };
  }

  get name(): string {
    return this.#fields.name;
  }
  get lastModified(): number {
    return this.#fields.lastModified;
  }
}

defineInterface(File, 'File', { constructor: 2 });
showAs(File, ({ lastModified, name, size, type }: File) => ({ name, lastModified, size, type }));

export function isBlob(value: unknown): value is Blob {
  return isOfBlob(value);
}

/** The bytes themselves, not to be changed. */
export function blobBytes(blob: Blob): Uint8Array<ArrayBuffer> {
  return bytesOfBlob(blob);
}

export function createBlob(bytes: Uint8Array<ArrayBuffer>, type: string): Blob {
  return create(bytes, normalizeType(type));
}

/** A file of another name, or of a blob, with the same bytes. */
export function createFile(blob: Blob, name: string): File {
  const lastModified = fileFields(blob)?.lastModified ?? Date.now();
  return new File([bytesOfBlob(blob), blob.type] as never, { name, lastModified } as never, adopted as never);
}

export function cloneOf(value: object): object | undefined {
  if (!isOfBlob(value)) return undefined;
  const fields = fileFields(value);
  const content = [bytesOfBlob(value), value.type] as never;
  return fields === undefined
    ? new Blob(content, adopted as never)
    : new File(content, fields as never, adopted as never);
}

function create(bytes: Uint8Array<ArrayBuffer>, type: string): Blob {
  return new Blob([bytes, type] as never, adopted as never);
}

function listOf(parts: unknown): unknown[] {
  if ((typeof parts !== 'object' && typeof parts !== 'function') || parts === null) {
    throw new TypeError("Failed to construct 'Blob': the first argument must be a sequence");
  }
  // Read once, and each item is converted before the next is asked for.
  const method = (parts as { [Symbol.iterator]?: unknown })[Symbol.iterator];
  if (typeof method !== 'function') {
    throw new TypeError("Failed to construct 'Blob': the first argument is not iterable");
  }
  const items: unknown[] = [];
  for (const item of { [Symbol.iterator]: () => method.call(parts) as Iterator<unknown> }) {
    if (isOfBlob(item)) items.push(bytesOfBlob(item));
    else items.push(isBufferSource(item) ? [item] : `${item as string}`.toWellFormed());
  }
  // What a conversion to text has done to the bytes of others is seen: they are read when all are there.
  return items.map((item) => (Array.isArray(item) ? copyBufferSource(item[0]) : item));
}

function readOptions(options: unknown): { endings: string; type: string } {
  if (options === undefined || options === null) return { endings: 'transparent', type: '' };
  if (typeof options !== 'object' && typeof options !== 'function') {
    throw new TypeError("Failed to construct 'Blob': the options must be an object");
  }
  const { endings, type } = options as BlobPropertyBag;
  const kind = endings === undefined ? 'transparent' : `${endings}`;
  if (kind !== 'transparent' && kind !== 'native') {
    throw new TypeError(`Failed to construct 'Blob': endings cannot be ${JSON.stringify(kind)}`);
  }
  return { endings: kind, type: type === undefined ? '' : normalizeType(`${type}`) };
}

function normalizeType(type: string): string {
  return /[^\x20-\x7e]/.test(type) ? '' : type.toLowerCase();
}

function concatenate(items: readonly unknown[], nativeEndings: boolean): Uint8Array<ArrayBuffer> {
  const pieces = items.map((item) =>
    typeof item === 'string'
      ? part('encoding').encodeUtf8(nativeEndings ? item.replaceAll(/\r\n?/g, '\n') : item)
      : (item as Uint8Array),
  );
  return joinBytes(pieces);
}

/** As the language converts, which refuses a bigint. */
function toNumber(value: unknown): number {
  return +(value as number);
}

function roundToEven(number: number): number {
  const rounded = Math.round(number);
  return rounded - number === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
}

/** Web IDL's [Clamp] long long, as an index from the start or the end. */
function clamp(value: unknown, length: number, missing: number): number {
  if (value === undefined) return missing;
  const number = Number(value);
  const index = Number.isNaN(number) ? 0 : roundToEven(number);
  return index < 0 ? Math.max(length + index, 0) : Math.min(index, length);
}
