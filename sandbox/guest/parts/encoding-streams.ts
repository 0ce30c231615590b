/** https://encoding.spec.whatwg.org/#interface-textdecoderstream */
import { part } from '../core/facade.ts';
import type { TextDecoder, TextDecoderOptions } from './encoding/text.ts';
import { defineInterface } from './shared/interface.ts';
import { viewBufferSource } from './shared/buffer-source.ts';

type Transform = InstanceType<ReturnType<typeof part<'streams'>>['TransformStream']>;

export class TextDecoderStream {
  readonly #decoder: TextDecoder;
  readonly #transform: Transform;

  constructor(label: string = 'utf-8', options: TextDecoderOptions = {}) {
    const decoder = new (part('encoding').TextDecoder)(label, options);
    this.#decoder = decoder;
    const { TransformStream } = part('streams');
    this.#transform = new TransformStream<unknown, string>({
      transform(chunk, controller) {
        if (viewBufferSource(chunk) === undefined) {
          throw new TypeError('a TextDecoderStream takes chunks that are an ArrayBuffer or a view of one');
        }
        const text = decoder.decode(chunk as BufferSource, { stream: true });
        if (text !== '') controller.enqueue(text);
      },
      flush(controller) {
        const text = decoder.decode();
        if (text !== '') controller.enqueue(text);
      },
    });
  }

  get encoding(): string {
    return this.#decoder.encoding;
  }
  get fatal(): boolean {
    return this.#decoder.fatal;
  }
  get ignoreBOM(): boolean {
    return this.#decoder.ignoreBOM;
  }
  get readable(): Transform['readable'] {
    return this.#transform.readable;
  }
  get writable(): Transform['writable'] {
    return this.#transform.writable;
  }
}

defineInterface(TextDecoderStream, 'TextDecoderStream');

export class TextEncoderStream {
  readonly #transform: Transform;

  constructor() {
    const { TransformStream } = part('streams');
    const { encodeUtf8 } = part('encoding');
    /** The first half of a surrogate pair whose second half may come with the next chunk. */
    let lead = '';
    this.#transform = new TransformStream<unknown, Uint8Array>({
      transform(chunk, controller) {
        let text = lead + `${chunk as string}`;
        lead = '';
        if ((text.charCodeAt(text.length - 1) & 0xfc00) === 0xd800) {
          lead = text.slice(-1);
          text = text.slice(0, -1);
        }
        if (text !== '') controller.enqueue(encodeUtf8(text));
      },
      flush(controller) {
        if (lead !== '') controller.enqueue(new Uint8Array([0xef, 0xbf, 0xbd]));
      },
    });
  }

  get encoding(): string {
    void this.#transform;
    return 'utf-8';
  }
  get readable(): Transform['readable'] {
    return this.#transform.readable;
  }
  get writable(): Transform['writable'] {
    return this.#transform.writable;
  }
}

defineInterface(TextEncoderStream, 'TextEncoderStream');
