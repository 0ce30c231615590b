/** What host `isohost start` makes: of the command line, the environment and the configuration file. */
import { availableParallelism } from 'node:os';
import type { Freshness, Trust } from '../sandbox/index.ts';
import { defaultCacheFolder } from './cache-folder.ts';
import type { FileConfig, HostConfig } from './config.ts';
import { functionOptions, hostOptions, type OptionName, tenantOptions } from './options.ts';

/**
 * @param value The value of an option, whatever it comes from.
 * @param env The environment that `grantEnv` takes variables from.
 */
export function toHostConfig(
  value: (name: OptionName) => unknown,
  file: FileConfig,
  env: Readonly<Record<string, string | undefined>>,
): HostConfig {
  const config: Record<string, unknown> = {};
  const names = [functionOptions, tenantOptions, hostOptions].flatMap((table) => Object.keys(table));
  for (const name of names) config[name] = value(name as OptionName);
  const granted: Record<string, string> = {};
  for (const name of value('grantEnv') as readonly string[]) {
    const variable = env[name];
    if (variable !== undefined) granted[name] = variable;
  }
  return {
    ...config,
    cacheFolder: (value('cacheFolder') as string | undefined) ?? defaultCacheFolder(env),
    isolation: {
      cells: (value('cells') as number | undefined) ?? availableParallelism(),
      trust: value('trust') as Trust | undefined,
      freshness: value('freshness') as Freshness | undefined,
    },
    env: { ...granted, ...file.env },
    kv: file.kv,
    egress: file.egress,
    secrets: file.secrets,
    functions: file.functions,
    tenants: typeof file.tenants === 'object' ? file.tenants : undefined,
  };
}
