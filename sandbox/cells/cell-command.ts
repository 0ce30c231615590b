/** How cells are started. */
import { realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { requiredFlag } from '../engine-flags.ts';

/** V8's flags in cells; code caches hold only among processes that have the same. */
export const cellEngineFlags: readonly string[] = ['--no-node-snapshot', requiredFlag];

/** Of the cell's own heap, which holds messages and bookkeeping; isolates have limits of their own. */
const maxOldSpaceMiB = 256;
/** What a guest can tell apart by: its clock's zone and its language are those of the host. Nothing else goes into a cell. */
const passedOn = ['TZ', 'LANG', 'LC_ALL'] as const;

export interface CellCommand {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

let command: CellCommand | undefined;

export function cellCommand(): CellCommand {
  command ??= {
    args: [
      ...cellEngineFlags,
      `--max-old-space-size=${maxOldSpaceMiB}`,
      // No files, no processes, no network, no inspector: a cell needs none of them, and what takes it over should not have them.
      '--permission',
      '--allow-addons',
      '--disable-warning=PERM0001',
      // Of algorithms of Web Crypto that a function may ask for.
      '--disable-warning=ExperimentalWarning',
      ...readable().map((path) => `--allow-fs-read=${path}`),
      entry(),
    ],
    env: environment(),
  };
  return command;
}

function entry(): string {
  return fileURLToPath(new URL(`./cell${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url));
}

/** What is read while a cell starts: its code, isolated-vm, and a file by which the latter tells systems apart. */
function readable(): string[] {
  const ofThis = createRequire(import.meta.url);
  const isolatedVm = ofThis.resolve('isolated-vm/package.json');
  const nodeGypBuild = createRequire(isolatedVm).resolve('node-gyp-build/package.json');
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const packageRoot = import.meta.url.endsWith('.ts') ? root : dirname(root);
  const folders = [packageRoot, dirname(isolatedVm), dirname(nodeGypBuild)];
  return [...new Set(folders.flatMap((folder) => [folder, realpathSync(folder)])), '/etc/alpine-release'];
}

function environment(): Record<string, string> {
  // Halves the memory that the C library keeps after isolates are gone.
  const env: Record<string, string> = { MALLOC_ARENA_MAX: '2' };
  for (const name of passedOn) {
    const value = process.env[name];
    if (value !== undefined) env[name] = value;
  }
  return env;
}
