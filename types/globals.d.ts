/** Globals whose types TypeScript does not have, or has for browsers only. */

/** Names nothing of the machine. */
interface Navigator {
  readonly userAgent: string;
  readonly hardwareConcurrency: number;
  readonly language: string;
  readonly languages: readonly string[];
  readonly platform: string;
  readonly onLine: boolean;
  readonly locks: LockManager;
}
declare var Navigator: { prototype: Navigator; new (): Navigator };
declare var navigator: Navigator;

interface QuotaExceededError extends DOMException {
  readonly quota: number | null;
  readonly requested: number | null;
}
declare var QuotaExceededError: {
  prototype: QuotaExceededError;
  new (message?: string, options?: { quota?: number; requested?: number }): QuotaExceededError;
};

interface CacheStorage {
  /** A cache that is there without being opened. Caches are in the memory of the isolate: they last for one call. */
  readonly default: Cache;
}

interface RequestInit {
  /** What it is for a body that is a stream, if it is left out, too. */
  duplex?: 'half';
}
interface Request {
  readonly duplex: 'half';
}

interface WebSocket {
  /** Takes what the other side sends; for those of a pair. */
  accept(): void;
}
/** As on Workers: one end is given to the client with `new Response(null, { status: 101, webSocket })`, the other is the function's. */
interface WebSocketPair {
  readonly 0: WebSocket;
  readonly 1: WebSocket;
  [Symbol.iterator](): ArrayIterator<WebSocket>;
}
declare var WebSocketPair: { prototype: WebSocketPair; new (): WebSocketPair };
interface Response {
  readonly webSocket: WebSocket | null;
}
interface ResponseInit {
  webSocket?: WebSocket | null;
}

/** As on Workers: what is written are bytes or a text, and what is read are the same bytes; a write is done when it was read. */
interface IdentityTransformStream {
  readonly readable: ReadableStream<Uint8Array<ArrayBuffer>>;
  readonly writable: WritableStream<BufferSource | string>;
}
declare var IdentityTransformStream: {
  prototype: IdentityTransformStream;
  new (strategy?: { highWaterMark?: number }): IdentityTransformStream;
};
/** The same, of so many bytes. */
interface FixedLengthStream extends IdentityTransformStream {}
declare var FixedLengthStream: {
  prototype: FixedLengthStream;
  new (expectedLength: number | bigint, strategy?: { highWaterMark?: number }): FixedLengthStream;
};
interface ReadableStreamBYOBReader {
  /** As on Workers: `read` with the option `min`. */
  readAtLeast<T extends ArrayBufferView>(minElements: number, view: T): Promise<ReadableStreamReadResult<T>>;
}

interface ReadableStreamBYOBRequest {
  /** As on Workers: how many bytes are still wanted. */
  readonly atLeast: number | null;
}
interface UnderlyingDefaultSource {
  /** As on Workers: how many bytes there will be; a body of it has the header `Content-Length`. */
  expectedLength?: number | bigint;
}
interface UnderlyingByteSource {
  /** As on Workers: how many bytes there will be; a body of it has the header `Content-Length`. */
  expectedLength?: number | bigint;
}
interface UnderlyingSource<R = any> {
  /** As on Workers: how many bytes there will be; a body of it has the header `Content-Length`. */
  expectedLength?: number | bigint;
}
interface Transformer<I = any, O = any> {
  /** As on Workers: how many bytes will be read; a body of them has the header `Content-Length`. */
  expectedLength?: number | bigint;
}

/** As on Workers. */
interface Scheduler {
  wait(delay: number, options?: { signal?: AbortSignal }): Promise<void>;
}
declare var scheduler: Scheduler;

/** As on Workers: takes bytes and texts, and has the digest of them when it is closed. */
interface DigestStream extends WritableStream<BufferSource | string> {
  readonly digest: Promise<ArrayBuffer>;
  readonly bytesWritten: bigint;
  [Symbol.dispose](): void;
}
interface Crypto {
  /** Of `MD5`, `SHA-1`, `SHA-256`, `SHA-384`, `SHA-512`, `crc32`, `crc32c` or `crc64nvme`. */
  readonly DigestStream: { prototype: DigestStream; new (algorithm: string | { name: string }): DigestStream };
}

interface SubtleCrypto {
  /** As on Workers: takes as long wherever the first difference is. */
  timingSafeEqual(one: BufferSource, other: BufferSource): boolean;
  getPublicKey(key: CryptoKey, usages: Iterable<KeyUsage>): Promise<CryptoKey>;
  encapsulateKey(
    algorithm: AlgorithmIdentifier,
    key: CryptoKey,
    sharedKeyAlgorithm: AlgorithmIdentifier | HmacImportParams | AesDerivedKeyParams,
    extractable: boolean,
    usages: Iterable<KeyUsage>,
  ): Promise<{ readonly sharedKey: CryptoKey; readonly ciphertext: ArrayBuffer }>;
  encapsulateBits(
    algorithm: AlgorithmIdentifier,
    key: CryptoKey,
  ): Promise<{ readonly sharedKey: ArrayBuffer; readonly ciphertext: ArrayBuffer }>;
  decapsulateKey(
    algorithm: AlgorithmIdentifier,
    key: CryptoKey,
    ciphertext: BufferSource,
    sharedKeyAlgorithm: AlgorithmIdentifier | HmacImportParams | AesDerivedKeyParams,
    extractable: boolean,
    usages: Iterable<KeyUsage>,
  ): Promise<CryptoKey>;
  decapsulateBits(algorithm: AlgorithmIdentifier, key: CryptoKey, ciphertext: BufferSource): Promise<ArrayBuffer>;
}

declare var console: Console;
declare var crypto: Crypto;
declare var caches: CacheStorage;
declare var performance: Performance;
declare var self: typeof globalThis;

/** To addresses that the host lets it reach; see the options of egress. */
declare function fetch(input: RequestInfo | URL, init?: RequestInit): Promise<Response>;
declare function atob(data: string): string;
declare function btoa(data: string): string;
declare function structuredClone<T = any>(value: T, options?: StructuredSerializeOptions): T;
declare function reportError(error: unknown): void;
declare function queueMicrotask(callback: () => void): void;

declare function setTimeout(callback: (...args: any[]) => void, delay?: number, ...args: any[]): number;
declare function setInterval(callback: (...args: any[]) => void, delay?: number, ...args: any[]): number;
declare function clearTimeout(id: number | undefined): void;
declare function clearInterval(id: number | undefined): void;

/** Events of the global scope. */
interface GlobalEventMap {
  error: ErrorEvent;
  unhandledrejection: PromiseRejectionEvent;
  rejectionhandled: PromiseRejectionEvent;
}
declare function addEventListener<Type extends keyof GlobalEventMap>(
  type: Type,
  listener: (event: GlobalEventMap[Type]) => void,
  options?: boolean | AddEventListenerOptions,
): void;
declare function addEventListener(
  type: string,
  listener: EventListenerOrEventListenerObject | null,
  options?: boolean | AddEventListenerOptions,
): void;
declare function removeEventListener<Type extends keyof GlobalEventMap>(
  type: Type,
  listener: (event: GlobalEventMap[Type]) => void,
  options?: boolean | EventListenerOptions,
): void;
declare function removeEventListener(
  type: string,
  listener: EventListenerOrEventListenerObject | null,
  options?: boolean | EventListenerOptions,
): void;
declare function dispatchEvent(event: Event): boolean;
declare var onerror:
  | ((message: Event | string, source?: string, line?: number, column?: number, error?: unknown) => unknown)
  | null;
/** Can be set; the engine never tells of such rejections. */
declare var onunhandledrejection: ((event: PromiseRejectionEvent) => unknown) | null;
declare var onrejectionhandled: ((event: PromiseRejectionEvent) => unknown) | null;

/** Files that are bundled as text. */
declare module '*.txt' {
  const text: string;
  export default text;
}
declare module '*.md' {
  const text: string;
  export default text;
}
declare module '*.html' {
  const text: string;
  export default text;
}
declare module '*.css' {
  const text: string;
  export default text;
}
declare module '*.svg' {
  const text: string;
  export default text;
}
declare module '*.sql' {
  const text: string;
  export default text;
}
declare module '*.graphql' {
  const text: string;
  export default text;
}
