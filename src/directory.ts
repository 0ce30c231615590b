import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { dirname, join, parse, resolve } from 'node:path';
import { sourceExtensions } from '../bundler/index.ts';
import { HostError } from './errors.ts';
import type { DeployOptions } from './host.ts';

/** What a functions directory holds: functions to deploy, and entries that are none, with the reason. */
export interface DirectoryContents {
  readonly functions: readonly DeployOptions[];
  readonly skipped: readonly { readonly path: string; readonly reason: string }[];
}

/**
 * Finds the functions of a directory: each source file, and each folder with a package.json or an index file. Names that begin with "."
 * or "_" and `node_modules` are nobody's.
 *
 * @param tenants Each folder is a tenant, with functions of its own in it.
 * @throws HostError ISOHOST_DIRECTORY
 */
export async function readDirectory(directory: string, tenants: boolean): Promise<DirectoryContents> {
  const root = resolve(directory);
  const entries = await list(root);
  const shared = join(root, 'node_modules');
  if (!tenants) {
    const project = await projectModules(root);
    return findFunctions(root, entries, undefined, [shared, ...project]);
  }
  const functions: DeployOptions[] = [];
  const skipped: { path: string; reason: string }[] = [];
  for (const entry of entries) {
    const path = join(root, entry.name);
    if (isPrivate(entry.name)) continue;
    if (!(await isFolder(path))) {
      if (hasSourceExtension(entry.name))
        skipped.push({ path, reason: 'with --tenants, functions are in the folder of a tenant' });
      continue;
    }
    const found = await findFunctions(path, await list(path), entry.name, [join(path, 'node_modules'), shared]);
    functions.push(...found.functions);
    skipped.push(...found.skipped);
  }
  return { functions, skipped };
}

async function findFunctions(
  root: string,
  entries: readonly Dirent[],
  tenant: string | undefined,
  nodeModules: readonly string[],
): Promise<DirectoryContents> {
  const functions: DeployOptions[] = [];
  const skipped: { path: string; reason: string }[] = [];
  const byName = new Map<string, string>();
  for (const { name: fileName } of entries) {
    const path = join(root, fileName);
    if (isPrivate(fileName) || fileName.endsWith('.d.ts')) continue;
    const folder = await isFolder(path);
    if (!folder && !hasSourceExtension(fileName)) continue;
    if (folder && !(await isFunctionFolder(path))) {
      skipped.push({ path, reason: 'the folder has neither a package.json nor an index file' });
      continue;
    }
    const name = folder ? fileName : parse(fileName).name;
    const earlier = byName.get(name);
    if (earlier !== undefined) {
      skipped.push({ path, reason: `the name "${name}" is already that of ${earlier}` });
      continue;
    }
    byName.set(name, fileName);
    functions.push({ tenant, name, entry: path, base: root, nodeModules });
  }
  return { functions, skipped };
}

async function list(folder: string): Promise<Dirent[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const reason =
      code === 'ENOENT'
        ? 'there is no such directory; make it, or name another'
        : code === 'ENOTDIR'
          ? 'it is not a directory'
          : String(code);
    throw new HostError('ISOHOST_DIRECTORY', `cannot serve the functions of "${folder}": ${reason}`, { cause: error });
  }
}

function isPrivate(name: string): boolean {
  return name.startsWith('.') || name.startsWith('_') || name === 'node_modules';
}

function hasSourceExtension(name: string): boolean {
  return (sourceExtensions as readonly string[]).includes(parse(name).ext);
}

async function isFolder(path: string): Promise<boolean> {
  const stats = await stat(path).catch(() => undefined);
  return stats?.isDirectory() === true;
}

async function isFunctionFolder(path: string): Promise<boolean> {
  const names = (await list(path)).map(({ name }) => name);
  return names.some((name) => name === 'package.json' || (parse(name).name === 'index' && hasSourceExtension(name)));
}

/** The packages of the project that a directory is in: `node_modules` beside the nearest package.json on the way up. */
async function projectModules(root: string): Promise<string[]> {
  for (let folder = root; ; folder = dirname(folder)) {
    const isProject = await stat(join(folder, 'package.json')).then(
      () => true,
      () => false,
    );
    if (isProject) return [join(folder, 'node_modules')];
    if (folder === dirname(folder)) return [];
  }
}
