import type { RuntimeSources } from './runtime-image.ts';
import type { Sandbox, SandboxHooks } from './sandbox.ts';

export interface SandboxOptions {
  /** The guest runtime. */
  readonly sources: RuntimeSources;
  /** Processes that hold the isolates; 0: the calling process does. */
  readonly cells: number;
  readonly hooks: SandboxHooks;
}

/** Makes a sandbox. With cells, the calling process does not even load isolated-vm. */
export async function createSandbox({ sources, cells, hooks }: SandboxOptions): Promise<Sandbox> {
  if (cells === 0) {
    const { createInlineSandbox } = await import('./inline.ts');
    return createInlineSandbox(sources, hooks);
  }
  const { createCellSandbox } = await import('./cells/cell-sandbox.ts');
  return createCellSandbox(sources, cells, hooks);
}
