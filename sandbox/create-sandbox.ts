import type { SpawnedCell } from './cells/spawn-cell.ts';
import type { RuntimeSources } from './runtime-image.ts';
import { createStorageService } from './storage/service.ts';
import type { KeyValueStorage } from './storage/storage.ts';
import type { Sandbox, SandboxHooks } from './sandbox.ts';

export interface SandboxOptions {
  /** The guest runtime. */
  readonly sources: RuntimeSources;
  /** Processes that hold the isolates; 0: the calling process does. */
  readonly cells: number;
  readonly hooks: SandboxHooks;
  /** Where storage bindings keep their values; whoever gives it closes it. */
  readonly storage: KeyValueStorage;
  /** Absolute path of a folder that `openCacheFolder` has opened: code caches are kept there. Default: for the life of the sandbox only. */
  readonly cacheFolder?: string | undefined;
  /** A cell that has been started already. It is used, or ended. */
  readonly firstCell?: SpawnedCell | undefined;
}

/** Makes a sandbox. With cells, the calling process does not even load isolated-vm. */
export async function createSandbox(options: SandboxOptions): Promise<Sandbox> {
  const { sources, cells, hooks, storage, cacheFolder, firstCell } = options;
  if (cells === 0) {
    await firstCell?.discard();
    const { createInlineSandbox } = await import('./inline.ts');
    return createInlineSandbox(sources, hooks, createStorageService(storage), cacheFolder);
  }
  const { createCellSandbox } = await import('./cells/cell-sandbox.ts');
  return createCellSandbox(sources, cells, hooks, createStorageService(storage), cacheFolder, firstCell);
}
