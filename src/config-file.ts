import { access, readFile } from 'node:fs/promises';
import { registerHooks } from 'node:module';
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
  try {
    const text = await readFile(file, 'utf8');
    if (extname(file) === '.json') return JSON.parse(text);
    const module = (await importAsWritten(file, text)) as { default?: unknown };
    if (module.default === undefined) throw new Error('it has no default export; write "export default { ... }"');
    return await module.default;
  } catch (error) {
    const { message } = error as Error;
    throw new HostError('ISOHOST_CONFIG_FILE', `the configuration file "${file}" cannot be read: ${message}`, {
      cause: error,
    });
  }
}

/** Whether a file is a module shows in it, and not in the "type" of the package.json that happens to be the nearest. */
async function importAsWritten(file: string, text: string): Promise<unknown> {
  const { href } = pathToFileURL(file);
  const isModule = /(?:^|[;}\s])export\s+(?:default|\{)|^\s*import\b[^(]/m.test(text);
  const isTypeScript = /\.[mc]?ts$/.test(file);
  const format = `${isModule ? 'module' : 'commonjs'}${isTypeScript ? '-typescript' : ''}`;
  const hooks = registerHooks({
    load: (url, context, nextLoad) => nextLoad(url, url === href ? { ...context, format } : context),
  });
  try {
    return await import(href);
  } finally {
    hooks.deregister();
  }
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
