import {
  type KeyList,
  type KeyValueStorage,
  type ListOptions,
  sizeOf,
  type StorageQuota,
  type StoredKey,
  type StoredValue,
} from './storage.ts';

interface TenantValues {
  readonly namespaces: Map<string, Map<string, StoredValue>>;
  keys: number;
  bytes: number;
}

/** Keeps values in the memory of the process, for as long as that lives. */
export function createMemoryStorage(): KeyValueStorage {
  return new MemoryStorage();
}

class MemoryStorage implements KeyValueStorage {
  readonly #tenants = new Map<string, TenantValues>();

  async get(tenant: string, namespace: string, key: string): Promise<StoredValue | undefined> {
    return this.#alive(this.#tenants.get(tenant), namespace, key);
  }

  async put(tenant: string, namespace: string, key: string, value: StoredValue, quota: StorageQuota): Promise<boolean> {
    const values = this.#tenants.get(tenant) ?? { namespaces: new Map(), keys: 0, bytes: 0 };
    const fits = (): boolean => {
      const known = values.namespaces.get(namespace)?.get(key);
      const bytes = values.bytes + sizeOf(key, value) - (known === undefined ? 0 : sizeOf(key, known));
      return bytes <= quota.bytes && values.keys + (known === undefined ? 1 : 0) <= quota.keys;
    };
    if (!fits()) {
      this.#forgetExpired(values);
      if (!fits()) return false;
    }
    this.#remove(values, namespace, key);
    this.#tenants.set(tenant, values);
    let table = values.namespaces.get(namespace);
    if (table === undefined) values.namespaces.set(namespace, (table = new Map()));
    table.set(key, value);
    values.keys += 1;
    values.bytes += sizeOf(key, value);
    return true;
  }

  async delete(tenant: string, namespace: string, key: string): Promise<void> {
    const values = this.#tenants.get(tenant);
    if (values !== undefined) this.#remove(values, namespace, key);
  }

  async list(tenant: string, namespace: string, { prefix, after, limit }: ListOptions): Promise<KeyList> {
    const values = this.#tenants.get(tenant);
    const keys: StoredKey[] = [];
    for (const key of [...(values?.namespaces.get(namespace)?.keys() ?? [])].sort()) {
      if (!key.startsWith(prefix) || (after !== '' && key <= after)) continue;
      const value = this.#alive(values, namespace, key);
      if (value === undefined) continue;
      if (keys.length === limit) return { keys, isComplete: false };
      keys.push({ key, expiresAt: value.expiresAt, metadata: value.metadata });
    }
    return { keys, isComplete: true };
  }

  async close(): Promise<void> {
    this.#tenants.clear();
  }

  #alive(values: TenantValues | undefined, namespace: string, key: string): StoredValue | undefined {
    const value = values?.namespaces.get(namespace)?.get(key);
    if (value?.expiresAt === undefined || value.expiresAt > Date.now()) return value;
    this.#remove(values!, namespace, key);
    return undefined;
  }

  #remove(values: TenantValues, namespace: string, key: string): void {
    const table = values.namespaces.get(namespace);
    const value = table?.get(key);
    if (value === undefined) return;
    table!.delete(key);
    if (table!.size === 0) values.namespaces.delete(namespace);
    values.keys -= 1;
    values.bytes -= sizeOf(key, value);
  }

  #forgetExpired(values: TenantValues): void {
    for (const [namespace, table] of values.namespaces) {
      for (const key of table.keys()) this.#alive(values, namespace, key);
    }
  }
}
