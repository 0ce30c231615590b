import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);

export const packagesFolder = fileURLToPath(new URL('.', import.meta.url));

/** Installs the packages as locked, unless they are there already. None of their scripts run. */
export async function installPackages(): Promise<void> {
  const [installed, locked] = await Promise.all([
    changedAt(`${packagesFolder}node_modules/.package-lock.json`),
    changedAt(`${packagesFolder}package-lock.json`),
  ]);
  if (installed >= locked) return;
  // The only peer is a compiler, which none of them needs to run.
  const flags = ['--ignore-scripts', '--omit=peer', '--prefer-offline', '--no-audit', '--no-fund'];
  await run('npm', ['ci', ...flags, '--no-progress', '--loglevel=error'], { cwd: packagesFolder });
}

async function changedAt(file: string): Promise<number> {
  const stats = await stat(file).catch(() => undefined);
  return stats?.mtimeMs ?? 0;
}
