/**
 * What a function finds: its arguments, and the globals. In tsconfig.json, `"types": ["isohost/function"]` with `"lib": ["esnext"]`; in a file,
 * `/// <reference types="isohost/function" />`. Nothing else is needed, neither the types of the DOM nor those of Node.
 */
/// <reference path="./web.d.ts" />
/// <reference path="./globals.d.ts" />

/** What is left of the limits of a call, at the moment when it is read. */
export interface FunctionBudget {
  readonly cpuTimeMs: number;
  readonly wallTimeMs: number;
  readonly memoryBytes: number;
  /** Requests that may still be sent with `fetch`. */
  readonly subrequests: number;
}

/** The third argument of a handler. */
export interface FunctionContext {
  readonly budget: FunctionBudget;
  readonly props: Record<string, unknown>;
  /** Keeps the call going after its answer until the promise settles, within limits of its own. */
  waitUntil(promise: Promise<unknown>): void;
  /** Has no effect; for code written for Workers. */
  passThroughOnException(): void;
}

/**
 * A handler of requests, as `export default` or as the method `fetch` of what is exported.
 *
 * @typeParam Env Variables (text) and storage bindings that the configuration gives to the function.
 */
export type FunctionHandler<Env = Record<string, string>> = (
  request: Request,
  env: Env,
  ctx: FunctionContext,
) => Response | Promise<Response>;

/** `export default { fetch } satisfies ExportedFunction<Env>` */
export interface ExportedFunction<Env = Record<string, string>> {
  fetch: FunctionHandler<Env>;
}

export interface KVPutOptions {
  /** When the value is to go, in seconds since 1970. */
  readonly expiration?: number;
  /** The same, in seconds from now. */
  readonly expirationTtl?: number;
  /** Anything with a JSON form; comes with the key in `list`, and in `getWithMetadata`. */
  readonly metadata?: unknown;
}

export interface KVListOptions {
  readonly prefix?: string;
  readonly limit?: number;
  readonly cursor?: string;
}

export interface KVListedKey<Metadata = unknown> {
  readonly name: string;
  readonly expiration?: number;
  readonly metadata?: Metadata;
}

export type KVListResult<Metadata = unknown> =
  | { readonly keys: KVListedKey<Metadata>[]; readonly list_complete: true; readonly cursor?: string }
  | { readonly keys: KVListedKey<Metadata>[]; readonly list_complete: false; readonly cursor: string };

export interface KVValueWithMetadata<Value, Metadata> {
  readonly value: Value | null;
  readonly metadata: Metadata | null;
}

/** The forms in which a value can be had. */
interface KVForms<Json> {
  text: string;
  json: Json;
  arrayBuffer: ArrayBuffer;
  stream: ReadableStream<Uint8Array<ArrayBuffer>>;
}

/** A storage binding: a property of `env`. */
export interface KVNamespace {
  get(key: string): Promise<string | null>;
  get<Json = unknown, Form extends keyof KVForms<Json> = 'json'>(
    key: string,
    form: Form | { readonly type: Form },
  ): Promise<KVForms<Json>[Form] | null>;
  getWithMetadata<Metadata = unknown>(key: string): Promise<KVValueWithMetadata<string, Metadata>>;
  getWithMetadata<Metadata = unknown, Json = unknown, Form extends keyof KVForms<Json> = 'json'>(
    key: string,
    form: Form | { readonly type: Form },
  ): Promise<KVValueWithMetadata<KVForms<Json>[Form], Metadata>>;
  put(
    key: string,
    value: string | ArrayBuffer | ArrayBufferView | ReadableStream,
    options?: KVPutOptions,
  ): Promise<void>;
  delete(key: string): Promise<void>;
  list<Metadata = unknown>(options?: KVListOptions): Promise<KVListResult<Metadata>>;
}
