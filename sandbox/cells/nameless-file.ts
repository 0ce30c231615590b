/** Files without a name, which processes share by inheriting them. */
import { closeSync, openSync, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Where files are memory, on systems that have it. */
export const memoryFolder = '/dev/shm';

let made = 0;

/** A file to write and read. In memory where there is a file system for that. @throws Error when there is no folder to put it into. */
export function openNameless(): number {
  let cause: unknown;
  for (const folder of [memoryFolder, tmpdir()]) {
    try {
      return openIn(folder)[0]!;
    } catch (error) {
      cause = error;
    }
  }
  throw new Error(
    `cells need a folder in which files can be made: neither ${memoryFolder} nor ${tmpdir()} is one; set TMPDIR, or run without cells (cells: 0)`,
    { cause },
  );
}

/** A file in memory, opened once more in each of the modes. `undefined` where files cannot be memory. */
export function openInMemory(...modes: ('r' | 'r+')[]): number[] | undefined {
  try {
    return openIn(memoryFolder, ...modes);
  } catch {
    // There is no such folder, or it is none for us.
    return undefined;
  }
}

function openIn(folder: string, ...modes: string[]): number[] {
  made += 1;
  const path = join(folder, `isohost-${process.pid}-${made}-${Math.random().toString(36).slice(2)}`);
  // Never a file that is there already: somebody else could have made it.
  const files = [openSync(path, 'wx+', 0o600)];
  try {
    for (const mode of modes) files.push(openSync(path, mode));
  } catch (error) {
    for (const file of files) closeSync(file);
    throw error;
  } finally {
    unlinkSync(path);
  }
  return files;
}
