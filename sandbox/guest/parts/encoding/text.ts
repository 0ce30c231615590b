/** https://encoding.spec.whatwg.org/#api. The decoders of East Asian encodings come with large tables, as a part of their own. */
import {
  labelToName,
  normalizeEncoding,
  TextDecoder as PlainDecoder,
  TextEncoder as PlainEncoder,
} from '@exodus/bytes/encoding-lite.js';
import { part } from '../../core/facade.ts';
import { viewBufferSource } from '../shared/buffer-source.ts';
import { defineInterface } from '../shared/interface.ts';

interface Decoder {
  readonly encoding: string;
  decode(input?: Uint8Array, options?: { stream?: boolean }): string;
}
export interface TextDecoderOptions {
  fatal?: boolean;
  ignoreBOM?: boolean;
}

const multibyte = new Set(['big5', 'euc-kr', 'euc-jp', 'iso-2022-jp', 'shift_jis', 'gbk', 'gb18030']);

export class TextDecoder {
  readonly #decoder: Decoder;
  readonly #fatal: boolean;
  readonly #ignoreBOM: boolean;

  constructor(label: string = 'utf-8', options: TextDecoderOptions = {}) {
    const name = normalizeEncoding(`${label}`);
    const { fatal, ignoreBOM } = toOptions(options);
    this.#fatal = Boolean(fatal);
    this.#ignoreBOM = Boolean(ignoreBOM);
    if (typeof name !== 'string' || name === 'replacement') {
      throw new RangeError(`Failed to construct 'TextDecoder': the encoding ${JSON.stringify(`${label}`)} is unknown`);
    }
    const given = { fatal: this.#fatal, ignoreBOM: this.#ignoreBOM };
    this.#decoder = multibyte.has(name)
      ? part('encoding-multibyte').createDecoder(name, given)
      : new PlainDecoder(name, given);
  }

  get encoding(): string {
    return this.#decoder.encoding;
  }
  get fatal(): boolean {
    return this.#fatal;
  }
  get ignoreBOM(): boolean {
    return this.#ignoreBOM;
  }

  decode(input?: BufferSource, options: { stream?: boolean } = {}): string {
    const stream = Boolean(toOptions(options as { stream?: boolean }).stream);
    return this.#decoder.decode(input === undefined ? undefined : bytesOf(input), { stream });
  }
}

defineInterface(TextDecoder, 'TextDecoder', { decode: 0 });

export class TextEncoder {
  readonly #encoder = new PlainEncoder();

  get encoding(): string {
    return this.#encoder.encoding;
  }

  encode(text: string = ''): Uint8Array {
    return this.#encoder.encode(`${text}`);
  }

  encodeInto(text: string, target: Uint8Array): { read: number; written: number } {
    if (arguments.length < 2)
      throw new TypeError("Failed to execute 'encodeInto' on 'TextEncoder': 2 arguments needed");
    return this.#encoder.encodeInto(`${text}`, target) as { read: number; written: number };
  }
}

defineInterface(TextEncoder, 'TextEncoder');

export function nameOfEncoding(label: string): string | null {
  return labelToName(label) as string | null;
}

function toOptions<T extends object>(options: T | null | undefined): Partial<T> {
  if (options === undefined || options === null) return {};
  if (typeof options !== 'object' && typeof options !== 'function') {
    throw new TypeError("Failed to construct 'TextDecoder': the options must be an object");
  }
  return options;
}

function bytesOf(input: unknown): Uint8Array {
  const bytes = viewBufferSource(input);
  if (bytes === undefined) {
    throw new TypeError("Failed to execute 'decode' on 'TextDecoder': the input is neither an ArrayBuffer nor a view");
  }
  return bytes;
}
