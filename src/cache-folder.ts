import { homedir } from 'node:os';
import { join } from 'node:path';

/** As the XDG Base Directory Specification has it. */
export function defaultCacheFolder(env: Readonly<Record<string, string | undefined>>): string {
  return join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'isohost');
}
