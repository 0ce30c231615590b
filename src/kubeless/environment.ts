/** The environment variables of the Kubeless Node.js runtime, with its defaults. */
import { defaultCacheFolder } from '../cache-folder.ts';
import { resolve } from 'node:path';
import { HostError } from '../errors.ts';
import { parseQuantity } from './quantity.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

export interface KubelessSettings {
  /** As given; "undefined" is what the original makes of a missing one. */
  readonly moduleName: string;
  readonly handler: string;
  /** Absolute. */
  readonly root: string;
  readonly port: number;
  readonly timeoutSeconds: number;
  readonly bodyBytes: number;
  readonly memoryMiB: number | undefined;
  readonly runtime: string | undefined;
  /** As given: functions see it so. */
  readonly memoryLimit: string | undefined;
  readonly nodeModules: readonly string[];
  /** Processes that hold the isolates; 0 is none but this one. */
  readonly cells: number;
  /** For V8 code caches; empty: none. */
  readonly cacheFolder: string;
  /** Variables that functions find in `process.env`. */
  readonly env: Readonly<Record<string, string>>;
}

const mebibyte = 1_048_576;
/** Part of the contract, so functions see them; every other variable has to be granted. */
const contract = [
  'MOD_NAME',
  'FUNC_HANDLER',
  'FUNC_TIMEOUT',
  'FUNC_RUNTIME',
  'FUNC_MEMORY_LIMIT',
  'FUNC_PORT',
  'REQ_MB_LIMIT',
  'KUBELESS_INSTALL_VOLUME',
] as const;

/**
 * Reads the settings.
 *
 * @throws HostError ISOHOST_INVALID_OPTION for values with which the original would have failed on every call.
 */
export function readKubelessEnvironment(env: Environment): KubelessSettings {
  const root = resolve(env['MOD_ROOT_PATH'] || '/kubeless/');
  return {
    moduleName: env['MOD_NAME'] ?? 'undefined',
    handler: env['FUNC_HANDLER'] ?? 'undefined',
    root,
    port: readNumber(
      env,
      'FUNC_PORT',
      8080,
      'a port from 0 to 65535',
      (port) => Number.isInteger(port) && port >= 0 && port <= 65_535,
    ),
    timeoutSeconds: readNumber(
      env,
      'FUNC_TIMEOUT',
      180,
      'a number of seconds above 0',
      (seconds) => seconds > 0 && Number.isFinite(seconds),
    ),
    bodyBytes: Math.floor(
      readNumber(env, 'REQ_MB_LIMIT', 1, 'a number of megabytes', (size) => size >= 0 && Number.isFinite(size)) *
        mebibyte,
    ),
    memoryMiB: readMemory(env['FUNC_MEMORY_LIMIT']),
    runtime: env['FUNC_RUNTIME'],
    memoryLimit: env['FUNC_MEMORY_LIMIT'],
    nodeModules: [resolve(root, 'node_modules'), ...(env['NODE_PATH'] ?? '').split(':').filter((path) => path !== '')],
    cacheFolder: env['ISOHOST_CACHE_FOLDER'] ?? defaultCacheFolder(env),
    cells: readNumber(
      env,
      'ISOHOST_CELLS',
      1,
      'a number of processes from 0 to 256',
      (count) => Number.isInteger(count) && count >= 0 && count <= 256,
    ),
    env: grantedVariables(env),
  };
}

function readNumber(
  env: Environment,
  name: string,
  fallback: number,
  expected: string,
  isValid: (value: number) => boolean,
): number {
  const text = env[name];
  if (text === undefined || text === '') return fallback;
  const value = Number(text);
  if (isValid(value)) return value;
  throw new HostError('ISOHOST_INVALID_OPTION', `${name} is ${JSON.stringify(text)}; it must be ${expected}`);
}

/** "0" is what the Kubeless controller writes where there is no limit. */
function readMemory(text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined;
  const bytes = parseQuantity(text);
  if (bytes === undefined) {
    throw new HostError(
      'ISOHOST_INVALID_OPTION',
      `FUNC_MEMORY_LIMIT is ${JSON.stringify(text)}; it must be a Kubernetes quantity such as 128Mi or 1Gi`,
    );
  }
  return bytes === 0 ? undefined : Math.min(65_536, Math.max(8, Math.floor(bytes / mebibyte)));
}

function grantedVariables(env: Environment): Record<string, string> {
  const names = [...contract, ...(env['ISOHOST_GRANT_ENV'] ?? '').split(',').map((name) => name.trim())];
  const granted: Record<string, string> = {};
  for (const name of names) {
    const value = env[name];
    if (value !== undefined) granted[name] = value;
  }
  return granted;
}
