import type { KeyList, KeyValueStorage, ListOptions, StoredValue } from './storage.ts';

/** What is used of a storage of the package unstorage. */
export interface UnstorageLike {
  getItemRaw(key: string): Promise<unknown>;
  setItemRaw(key: string, value: unknown): Promise<void>;
  removeItem(key: string): Promise<void>;
  getKeys(base: string): Promise<string[]>;
}

/** Before the value: the length of the head in 32 bits, then the head as JSON. */
const lengthBytes = 4;

/**
 * Keeps values in a storage of unstorage, whatever its driver keeps them in. How much a tenant has is not counted there: of the limits, those
 * on a single value hold.
 */
export function createUnstorageStorage(storage: UnstorageLike): KeyValueStorage {
  const baseOf = (tenant: string, namespace: string): string => `${encode(tenant)}:${encode(namespace)}:`;
  const read = async (full: string): Promise<StoredValue | undefined> => {
    const raw = await storage.getItemRaw(full);
    const value = raw === null || raw === undefined ? undefined : unpack(raw);
    if (value?.expiresAt === undefined || value.expiresAt > Date.now()) return value;
    await storage.removeItem(full);
    return undefined;
  };
  return {
    get: (tenant, namespace, key) => read(baseOf(tenant, namespace) + encode(key)),
    async put(tenant, namespace, key, value) {
      await storage.setItemRaw(baseOf(tenant, namespace) + encode(key), pack(value));
      return true;
    },
    delete: (tenant, namespace, key) => storage.removeItem(baseOf(tenant, namespace) + encode(key)),
    async list(tenant, namespace, { prefix, after, limit }: ListOptions): Promise<KeyList> {
      const base = baseOf(tenant, namespace);
      const all = (await storage.getKeys(base)).map((full) => decode(full.slice(base.length)));
      const wanted = all.filter((key) => key.startsWith(prefix) && (after === '' || key > after)).sort();
      const keys = [];
      for (const [index, key] of wanted.entries()) {
        const value = await read(base + encode(key));
        if (value === undefined) continue;
        keys.push({ key, expiresAt: value.expiresAt, metadata: value.metadata });
        if (keys.length === limit) return { keys, isComplete: index === wanted.length - 1 };
      }
      return { keys, isComplete: true };
    },
    // It is the caller's.
    async close() {},
  };
}

/** unstorage takes `:`, `/` and some more for parts of a path: keys are letters and digits there. */
function encode(key: string): string {
  return `k${Buffer.from(key, 'utf8').toString('hex')}`;
}

function decode(encoded: string): string {
  return Buffer.from(encoded.slice(1), 'hex').toString('utf8');
}

function pack({ bytes, expiresAt, metadata }: StoredValue): Buffer {
  const head = Buffer.from(JSON.stringify({ expiresAt, metadata }));
  const length = Buffer.alloc(lengthBytes);
  length.writeUInt32LE(head.length);
  return Buffer.concat([length, head, bytes]);
}

function unpack(raw: unknown): StoredValue {
  const data = Buffer.from(raw as Uint8Array);
  const end = lengthBytes + data.readUInt32LE();
  const head = JSON.parse(data.toString('utf8', lengthBytes, end)) as Omit<StoredValue, 'bytes'>;
  return { ...head, bytes: new Uint8Array(data.subarray(end)) };
}
