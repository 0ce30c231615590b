import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { KeyList, KeyValueStorage, ListOptions, StorageQuota, StoredValue } from './storage.ts';
import { sizeOf } from './storage.ts';

interface Row {
  readonly key: string;
  readonly value: Uint8Array;
  readonly expires_at: number | null;
  readonly metadata: string | null;
}

/**
 * Keeps values in a file of SQLite, which several processes may share.
 *
 * @param file Path of the file; made if there is none. `:memory:` keeps nothing.
 */
export function createSqliteStorage(file: string): KeyValueStorage {
  return new SqliteStorage(file);
}

class SqliteStorage implements KeyValueStorage {
  readonly #database: DatabaseSync;
  readonly #get: StatementSync;
  readonly #put: StatementSync;
  readonly #delete: StatementSync;
  readonly #list: StatementSync;
  readonly #usage: StatementSync;
  readonly #expire: StatementSync;

  constructor(file: string) {
    const database = new DatabaseSync(file, { timeout: 5_000 });
    database.exec(`
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = NORMAL;
      CREATE TABLE IF NOT EXISTS kv (
        tenant TEXT NOT NULL,
        namespace TEXT NOT NULL,
        key TEXT NOT NULL,
        value BLOB NOT NULL,
        metadata TEXT,
        expires_at INTEGER,
        size INTEGER NOT NULL,
        PRIMARY KEY (tenant, namespace, key)
      ) WITHOUT ROWID;
      CREATE TABLE IF NOT EXISTS kv_usage (
        tenant TEXT PRIMARY KEY,
        keys INTEGER NOT NULL,
        bytes INTEGER NOT NULL
      ) WITHOUT ROWID;
      CREATE TRIGGER IF NOT EXISTS kv_inserted AFTER INSERT ON kv BEGIN
        INSERT INTO kv_usage VALUES (new.tenant, 1, new.size)
          ON CONFLICT (tenant) DO UPDATE SET keys = keys + 1, bytes = bytes + new.size;
      END;
      CREATE TRIGGER IF NOT EXISTS kv_updated AFTER UPDATE ON kv BEGIN
        UPDATE kv_usage SET bytes = bytes + new.size - old.size WHERE tenant = new.tenant;
      END;
      CREATE TRIGGER IF NOT EXISTS kv_deleted AFTER DELETE ON kv BEGIN
        UPDATE kv_usage SET keys = keys - 1, bytes = bytes - old.size WHERE tenant = old.tenant;
      END;
    `);
    this.#database = database;
    this.#get = database.prepare(
      'SELECT value, metadata, expires_at FROM kv WHERE tenant = ? AND namespace = ? AND key = ? AND (expires_at IS NULL OR expires_at > ?)',
    );
    this.#put = database.prepare(
      `INSERT INTO kv VALUES (?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT DO UPDATE SET value = excluded.value, metadata = excluded.metadata, expires_at = excluded.expires_at, size = excluded.size`,
    );
    this.#delete = database.prepare('DELETE FROM kv WHERE tenant = ? AND namespace = ? AND key = ?');
    this.#list = database.prepare(
      `SELECT key, metadata, expires_at FROM kv
        WHERE tenant = ? AND namespace = ? AND key > ? AND key >= ? AND substr(key, 1, ?) = ? AND (expires_at IS NULL OR expires_at > ?)
        ORDER BY key LIMIT ?`,
    );
    this.#usage = database.prepare('SELECT keys, bytes FROM kv_usage WHERE tenant = ?');
    this.#expire = database.prepare('DELETE FROM kv WHERE tenant = ? AND expires_at <= ?');
  }

  async get(tenant: string, namespace: string, key: string): Promise<StoredValue | undefined> {
    const row = this.#get.get(tenant, namespace, key, Date.now()) as unknown as Row | undefined;
    if (row === undefined) return undefined;
    return { bytes: row.value, expiresAt: row.expires_at ?? undefined, metadata: row.metadata ?? undefined };
  }

  async put(tenant: string, namespace: string, key: string, value: StoredValue, quota: StorageQuota): Promise<boolean> {
    const write = (): boolean => {
      const { bytes, metadata = null, expiresAt = null } = value;
      this.#database.exec('BEGIN IMMEDIATE');
      let fits = false;
      try {
        this.#put.run(tenant, namespace, key, bytes, metadata, expiresAt, sizeOf(key, value));
        const usage = this.#usage.get(tenant) as unknown as { keys: number; bytes: number };
        fits = usage.keys <= quota.keys && usage.bytes <= quota.bytes;
      } finally {
        this.#database.exec(fits ? 'COMMIT' : 'ROLLBACK');
      }
      return fits;
    };
    if (write()) return true;
    const { changes } = this.#expire.run(tenant, Date.now());
    return changes > 0 && write();
  }

  async delete(tenant: string, namespace: string, key: string): Promise<void> {
    this.#delete.run(tenant, namespace, key);
  }

  async list(tenant: string, namespace: string, { prefix, after, limit }: ListOptions): Promise<KeyList> {
    const length = Array.from(prefix).length;
    const found = this.#list.all(
      tenant,
      namespace,
      after,
      prefix,
      length,
      prefix,
      Date.now(),
      limit + 1,
    ) as unknown as Row[];
    return {
      keys: found.slice(0, limit).map(({ key, expires_at: expiresAt, metadata }) => ({
        key,
        expiresAt: expiresAt ?? undefined,
        metadata: metadata ?? undefined,
      })),
      isComplete: found.length <= limit,
    };
  }

  async close(): Promise<void> {
    this.#database.close();
  }
}
