import { readFile } from 'node:fs/promises';
import { checkoutRuntime } from '../bundler/index.ts';
import type { RuntimeSources } from '../sandbox/index.ts';

let loading: Promise<RuntimeSources> | undefined;

/**
 * The runtime that runs inside isolates: as the package's build left it, or, in a checkout, bundled from its sources. Text that never
 * changes while the process lives, so it is read once.
 */
export function loadGuestRuntime(): Promise<RuntimeSources> {
  loading ??= load();
  return loading;
}

/** Where the build puts the runtime, from this file's place. */
export const builtRuntimeFile = '../sandbox/guest-runtime.json';

async function load(): Promise<RuntimeSources> {
  if (import.meta.url.endsWith('.ts')) return checkoutRuntime();
  // Decoded at once: Node would do it piece by piece, which takes several times as long.
  const data = await readFile(new URL(builtRuntimeFile, import.meta.url));
  return JSON.parse(data.toString()) as RuntimeSources;
}
