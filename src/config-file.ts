import { access, readFile } from 'node:fs/promises';
import { extname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type FileConfig, fileSchema, validate } from './config.ts';
import { HostError } from './errors.ts';

/** Looked for in this order. */
export const configFileNames = ['isohost.config.ts', 'isohost.config.js', 'isohost.config.json'] as const;

/** Gives editors the types of a configuration file; returns its argument. */
export function defineConfig(config: FileConfig): FileConfig {
  return config;
}

/**
 * Reads the configuration file that is named, or the one that is in the folder, if any.
 *
 * @throws HostError ISOHOST_CONFIG_FILE when it cannot be read, ISOHOST_INVALID_OPTION when something in it is wrong.
 */
export async function readConfigFile(folder: string, named: string | undefined): Promise<FileConfig> {
  const file = named === undefined ? await findConfigFile(folder) : resolve(named);
  if (file === undefined) return {};
  const loaded = await load(file);
  return validate(fileSchema, loaded, `${file}: `) as FileConfig;
}

async function findConfigFile(folder: string): Promise<string | undefined> {
  for (const name of configFileNames) {
    const file = resolve(folder, name);
    if (await exists(file)) return file;
  }
  return undefined;
}

async function load(file: string): Promise<unknown> {
  if (!(await exists(file))) throw new HostError('ISOHOST_CONFIG_FILE', `there is no configuration file "${file}"`);
  const extension = extname(file);
  try {
    if (extension === '.json') return JSON.parse(await readFile(file, 'utf8'));
    const module = (await import(pathToFileURL(file).href)) as { default?: unknown };
    if (module.default === undefined) throw new Error('it has no default export; write "export default { ... }"');
    return module.default;
  } catch (error) {
    const { message } = error as Error;
    throw new HostError('ISOHOST_CONFIG_FILE', `the configuration file "${file}" cannot be read: ${message}`, {
      cause: error,
    });
  }
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
