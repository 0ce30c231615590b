declare module 'qs' {
  export function parse(query: string, options: { allowPrototypes: boolean }): object;
}

declare module 'content-disposition' {
  export default function contentDisposition(fileName?: string): string;
}

declare module 'content-type' {
  export interface ContentType {
    readonly type: string;
    readonly parameters: Record<string, string>;
  }
  export function parse(text: string): ContentType;
  export function format(type: ContentType): string;
}

declare module 'cookie' {
  export function serialize(name: string, value: string, options: object): string;
}

declare module 'encodeurl' {
  export default function encodeUrl(url: string): string;
}

declare module 'escape-html' {
  export default function escapeHtml(text: string): string;
}

declare module 'fresh' {
  export default function fresh(request: object, response: object): boolean;
}

declare module 'mime/types.json' {
  const types: Readonly<Record<string, readonly string[]>>;
  export default types;
}

declare module 'negotiator' {
  export default class Negotiator {
    constructor(request: { readonly headers: object });
    mediaTypes(available?: readonly string[]): string[];
    encodings(available?: readonly string[]): string[];
    charsets(available?: readonly string[]): string[];
    languages(available?: readonly string[]): string[];
  }
}

declare module 'range-parser' {
  export default function parseRange(size: number, header: string, options?: object): unknown;
}

declare module 'statuses/codes.json' {
  const texts: Readonly<Record<number, string | undefined>>;
  export default texts;
}

declare module 'vary' {
  export default function vary(response: object, field: string | readonly string[]): void;
}

declare module 'readable-stream/lib/stream.js' {
  type Finish = (error?: Error | null) => void;
  interface Emitting {
    on(event: string, listener: (...args: never[]) => void): this;
    off(event: string, listener: (...args: never[]) => void): this;
    destroy(error?: Error): this;
    readonly errored: Error | null;
  }
  interface Reading extends Emitting {
    push(chunk: unknown): boolean;
    pause(): this;
    resume(): this;
    readonly readableEnded: boolean;
    readonly readableHighWaterMark: number;
    readonly readableObjectMode: boolean;
  }
  interface Writing extends Emitting {
    write(chunk: unknown): boolean;
    end(): this;
    readonly writableFinished: boolean;
    readonly writableHighWaterMark: number;
    readonly writableNeedDrain: boolean;
    readonly writableObjectMode: boolean;
  }
  interface Stream {
    readonly Readable: new (options: object) => Reading;
    readonly Writable: new (options: object) => Writing;
    readonly Duplex: new (options: object) => Reading & Writing;
    finished(of: object, options: object, done: Finish): void;
    readonly promises: { readonly finished: unknown; readonly pipeline: unknown };
  }
  const stream: Stream;
  export default stream;
}

declare module '@pkgjs/parseargs' {
  export function parseArgs(config?: object): object;
}

declare module 'assert/build/internal/util/comparisons.js' {
  export function isDeepStrictEqual(one: unknown, other: unknown): boolean;
}

declare module 'node-inspect-extracted' {
  export const inspect: ((value: unknown, options?: object) => string) & {
    readonly colors: Readonly<Record<string, readonly [number, number]>>;
  };
  export function format(...args: unknown[]): string;
  export function formatWithOptions(options: object, ...args: unknown[]): string;
  export function stripVTControlCharacters(text: string): string;
}

declare module 'util/util.js' {
  interface Util {
    readonly callbackify: (original: (...args: never[]) => Promise<unknown>) => (...args: never[]) => void;
    readonly inherits: (constructor: object, from: object) => void;
    readonly _extend: (target: object, source: object) => object;
    readonly types: Readonly<Record<string, (value: unknown) => boolean>>;
  }
  const util: Util;
  export default util;
}

declare module 'events/events.js' {
  interface Emitter {
    on(name: string | symbol, listener: (...args: unknown[]) => void): this;
    off(name: string | symbol, listener: (...args: unknown[]) => void): this;
    once(name: string | symbol, listener: (...args: unknown[]) => void): this;
    setMaxListeners(count: number): this;
    getMaxListeners(): number;
    rawListeners(name: string | symbol): ((...args: unknown[]) => void)[];
    listeners(name: string | symbol): ((...args: unknown[]) => void)[];
    listenerCount(name: string | symbol): number;
    emit(name: string | symbol, ...args: unknown[]): boolean;
  }
  const EventEmitter: (new (options?: object) => Emitter) & { defaultMaxListeners: number };
  export default EventEmitter;
}

declare module 'assert/build/assert.js' {
  const assert: ((value: unknown, message?: string) => void) &
    Record<string, unknown> & { strict: Record<string, unknown> };
  export default assert;
}

declare module 'path-browserify' {
  const path: Record<string, unknown> & { extname(path: string): string; normalize(path: string): string };
  export default path;
}

declare module 'punycode/punycode.js' {
  const punycode: { toUnicode(domain: string): string };
  export default punycode;
}

declare module 'path-unified/win32' {
  export function toNamespacedPath(path: string): string;
}
