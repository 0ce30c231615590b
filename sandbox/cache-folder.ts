/** Folders of V8 code caches. V8 runs what is in a code cache without looking: whoever can write to the folder can run code. */
import { mkdirSync, statSync } from 'node:fs';

/**
 * Makes the folder if there is none.
 *
 * @throws Error when others may write to it, or it cannot be had.
 */
export function makeCacheFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { uid, mode } = statSync(folder);
  if (process.getuid === undefined) return;
  if (uid !== process.getuid()) throw new Error(`it belongs to the user ${uid}, not to ${process.getuid()}`);
  if ((mode & 0o022) !== 0) throw new Error('others may write to it; chmod go-w takes that from them');
}
