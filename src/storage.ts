import { createMemoryStorage, type KeyValueStorage } from '../sandbox/index.ts';
import { HostError } from './errors.ts';

/**
 * The storage that a host makes itself. SQLite is loaded by those only who have a file.
 *
 * @throws HostError ISOHOST_STORAGE
 */
export async function openStorage(file: string | undefined): Promise<KeyValueStorage> {
  return file === undefined ? createMemoryStorage() : createSqliteStorage(file);
}

/**
 * A storage in a file of SQLite, which is made if there is none.
 *
 * @throws HostError ISOHOST_STORAGE
 */
export async function createSqliteStorage(file: string): Promise<KeyValueStorage> {
  const { createSqliteStorage: open } = await import('../sandbox/storage/sqlite-storage.ts');
  try {
    return open(file);
  } catch (error) {
    throw new HostError('ISOHOST_STORAGE', `the storage file "${file}" cannot be opened: ${(error as Error).message}`, {
      cause: error,
    });
  }
}
