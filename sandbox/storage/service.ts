/** Storage bindings as the process that holds the values gives them to invocations: checked, counted, and each within its tenant. */
import type { SandboxFunction } from '../sandbox.ts';
import { decodeFrame } from '../wire.ts';
import type { KeyValueStorage, StoredValue } from './storage.ts';

/** What an operation answers: fields, and the bytes of a value. */
export interface StorageAnswer {
  readonly fields: readonly string[];
  readonly bytes: Uint8Array | undefined;
}

/** The storage of one invocation. */
export interface InvocationStorage {
  /**
   * Does one operation: a frame of its name, the binding, and what it needs.
   * `get`: key; answers nothing, or metadata and the time when it expires. `put`: key, time when it expires, metadata, and the bytes beside.
   * `delete`: key. `list`: prefix, key to begin after, number; answers whether that is all, then key, metadata and time of each.
   *
   * @throws StorageError
   */
  call(frame: string, bytes: Uint8Array | undefined): Promise<StorageAnswer>;
}

export interface StorageService {
  open(fn: SandboxFunction): InvocationStorage;
}

/** The function sees the message. */
export class StorageError extends Error {
  override readonly name = 'StorageError';
  readonly code: string = 'ERR_STORAGE';
}

/** As on Workers. */
const maxKeyBytes = 512;
const maxMetadataBytes = 1_024;
const maxListed = 1_000;
const maxFields = 5;
const done: StorageAnswer = { fields: [], bytes: undefined };

export function createStorageService(storage: KeyValueStorage): StorageService {
  return { open: (fn) => new CountedStorage(storage, fn) };
}

class CountedStorage implements InvocationStorage {
  readonly #storage: KeyValueStorage;
  readonly #function: SandboxFunction;
  #operations = 0;

  constructor(storage: KeyValueStorage, fn: SandboxFunction) {
    this.#storage = storage;
    this.#function = fn;
  }

  async call(frame: string, bytes: Uint8Array | undefined): Promise<StorageAnswer> {
    const { limits, kv } = this.#function;
    const [operation = '', binding = '', ...rest] = decodeFrame(frame, maxFields) ?? [];
    const namespace = Object.hasOwn(kv, binding) ? kv[binding] : undefined;
    if (namespace === undefined) throw new StorageError(`there is no storage binding "${binding.slice(0, 64)}"`);
    this.#operations += 1;
    if (this.#operations > limits.storageOperations) {
      throw new StorageError(
        `over ${limits.storageOperations} storage operations in one invocation; raise the limit storageOperations`,
      );
    }
    try {
      return await this.#do(operation, namespace, rest, bytes);
    } catch (error) {
      if (error instanceof StorageError) throw error;
      // What a store says of itself is not for functions.
      throw new StorageError('the storage failed', { cause: error });
    }
  }

  async #do(
    operation: string,
    namespace: string,
    rest: string[],
    bytes: Uint8Array | undefined,
  ): Promise<StorageAnswer> {
    const { tenant } = this.#function;
    const [first = '', second = '', third = ''] = rest;
    switch (operation) {
      case 'get': {
        const found = await this.#storage.get(tenant, namespace, checkKey(first));
        if (found === undefined) return done;
        return { fields: [found.metadata ?? '', String(found.expiresAt ?? '')], bytes: found.bytes };
      }
      case 'put':
        await this.#put(namespace, checkKey(first), second, third, bytes ?? new Uint8Array());
        return done;
      case 'delete':
        await this.#storage.delete(tenant, namespace, checkKey(first));
        return done;
      case 'list': {
        const limit = Number(third);
        if (!Number.isInteger(limit) || limit < 1 || limit > maxListed) {
          throw new StorageError(`a list has a limit from 1 to ${maxListed}, not ${third.slice(0, 32)}`);
        }
        const { keys, isComplete } = await this.#storage.list(tenant, namespace, {
          prefix: first,
          after: second,
          limit,
        });
        const fields = keys.flatMap(({ key, metadata, expiresAt }) => [key, metadata ?? '', String(expiresAt ?? '')]);
        return { fields: [isComplete ? '1' : '0', ...fields], bytes: undefined };
      }
      default:
        throw new StorageError('there is no such operation');
    }
  }

  async #put(namespace: string, key: string, expires: string, metadata: string, bytes: Uint8Array): Promise<void> {
    const { tenant, limits, storageQuota } = this.#function;
    if (bytes.length > limits.storageValueBytes) {
      throw new StorageError(
        `the value of "${key}" has ${bytes.length} bytes, but the limit storageValueBytes is ${limits.storageValueBytes}`,
      );
    }
    if (Buffer.byteLength(metadata) > maxMetadataBytes) {
      throw new StorageError(`the metadata of "${key}" have over ${maxMetadataBytes} bytes`);
    }
    const expiresAt = expires === '' ? undefined : Number(expires);
    if (expiresAt !== undefined && !Number.isSafeInteger(expiresAt)) throw new StorageError('a time that is none');
    const value: StoredValue = { bytes, expiresAt, metadata: metadata === '' ? undefined : metadata };
    if (await this.#storage.put(tenant, namespace, key, value, storageQuota)) return;
    throw new StorageError(
      `the storage of the tenant is full: it may have ${storageQuota.keys} keys and ${storageQuota.bytes} bytes; ` +
        'delete some, or raise tenantStorageKeys or tenantStorageBytes',
    );
  }
}

function checkKey(key: string): string {
  if (key === '' || key === '.' || key === '..' || key.includes('\0')) {
    throw new StorageError(`${JSON.stringify(key.slice(0, 64))} cannot be a key`);
  }
  const bytes = Buffer.byteLength(key);
  if (bytes > maxKeyBytes) throw new StorageError(`a key of ${bytes} bytes; ${maxKeyBytes} are allowed`);
  return key;
}
