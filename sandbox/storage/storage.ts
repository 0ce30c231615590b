/** Where the values of storage bindings are kept. */

/** A value with what goes along with it. */
export interface StoredValue {
  readonly bytes: Uint8Array;
  /** When it is to be forgotten, in milliseconds since 1970. */
  readonly expiresAt?: number | undefined;
  /** JSON of the function's own. */
  readonly metadata?: string | undefined;
}

export interface StoredKey {
  readonly key: string;
  readonly expiresAt?: number | undefined;
  readonly metadata?: string | undefined;
}

export interface ListOptions {
  readonly prefix: string;
  /** The key after which the list begins. */
  readonly after: string;
  readonly limit: number;
}

export interface KeyList {
  /** Sorted. */
  readonly keys: readonly StoredKey[];
  readonly isComplete: boolean;
}

/** What all values of a tenant may take together. */
export interface StorageQuota {
  readonly keys: number;
  /** Of keys, values and metadata. */
  readonly bytes: number;
}

/**
 * A store for the values of all tenants. A namespace is one tenant's: no tenant can name another's. Implement it to keep values elsewhere;
 * what it throws, functions see as a failure without its message.
 */
export interface KeyValueStorage {
  get(tenant: string, namespace: string, key: string): Promise<StoredValue | undefined>;
  /** Answers `false`, and keeps what there was, when the tenant would have more than it may. */
  put(tenant: string, namespace: string, key: string, value: StoredValue, quota: StorageQuota): Promise<boolean>;
  delete(tenant: string, namespace: string, key: string): Promise<void>;
  list(tenant: string, namespace: string, options: ListOptions): Promise<KeyList>;
  close(): Promise<void>;
}

/** What a value counts for. */
export function sizeOf(key: string, { bytes, metadata = '' }: StoredValue): number {
  return Buffer.byteLength(key) + bytes.byteLength + Buffer.byteLength(metadata);
}
