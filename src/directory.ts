import type { Dirent } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { dirname, join, parse, resolve, sep } from 'node:path';
import { sourceExtensions } from '../bundler/index.ts';
import { defaultTenant } from './config.ts';
import { HostError } from './errors.ts';
import type { DeployOptions } from './deployments.ts';

/** What a functions directory holds: functions to deploy, and entries that are none, with the reason. */
export interface DirectoryContents {
  readonly functions: readonly DeployOptions[];
  readonly skipped: readonly Skipped[];
}

interface Skipped {
  readonly path: string;
  readonly reason: string;
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
  const skipped: Skipped[] = [];
  for (const { name } of entries) {
    const path = join(root, name);
    if (isPrivate(name)) continue;
    const refusal = await refuseTenant(root, name, path);
    if (refusal !== undefined) {
      if (refusal !== '') skipped.push({ path, reason: refusal });
      continue;
    }
    const found = await findFunctions(path, await list(path), name, [join(path, 'node_modules'), shared]);
    const kept = await keepApart(await realpath(path), await realpath(shared).catch(() => shared), found);
    functions.push(...kept.functions);
    skipped.push(...kept.skipped);
  }
  return { functions, skipped };
}

/** Why an entry of the directory is no tenant; '' when it means to be nothing at all. */
async function refuseTenant(root: string, name: string, path: string): Promise<string | undefined> {
  if (!(await isFolder(path)))
    return hasSourceExtension(name) ? 'with --tenants, functions are in the folder of a tenant' : '';
  if (name === defaultTenant) return `"${defaultTenant}" is the tenant of functions without one; choose another name`;
  if ((await realpath(path)) !== join(await realpath(root), name)) return "it is a link out of the directory's folder";
  return (await isReadable(path)) ? undefined : 'the folder cannot be read; check its rights';
}

/** A tenant's folder is its own: a link out of it would lead to another's files, or to the host's. */
async function keepApart(
  tenantRoot: string,
  shared: string,
  { functions, skipped }: DirectoryContents,
): Promise<DirectoryContents> {
  const isOwn = (path: string): boolean => path === tenantRoot || path.startsWith(tenantRoot + sep);
  const kept: DeployOptions[] = [];
  const refused: Skipped[] = [];
  for (const fn of functions) {
    const real = await realpath(fn.entry!);
    if (!isOwn(real)) {
      refused.push({ path: fn.entry!, reason: "it is a link out of its tenant's folder" });
      continue;
    }
    const modules = await Promise.all(fn.nodeModules!.map((path) => realpath(path).catch(() => undefined)));
    const own = modules.filter((path) => path !== undefined && (isOwn(path) || path === shared)) as string[];
    kept.push({ ...fn, nodeModules: own });
  }
  return { functions: kept, skipped: [...skipped, ...refused] };
}

async function findFunctions(
  root: string,
  entries: readonly Dirent[],
  tenant: string | undefined,
  nodeModules: readonly string[],
): Promise<DirectoryContents> {
  const functions: DeployOptions[] = [];
  const skipped: Skipped[] = [];
  const byName = new Map<string, string>();
  for (const { name: fileName } of entries) {
    const path = join(root, fileName);
    if (isPrivate(fileName) || fileName.endsWith('.d.ts')) continue;
    const folder = await isFolder(path);
    if (!folder && !hasSourceExtension(fileName)) continue;
    if (folder && !(await isReadable(path))) {
      skipped.push({ path, reason: 'the folder cannot be read; check its rights' });
      continue;
    }
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

async function isReadable(folder: string): Promise<boolean> {
  return readdir(folder).then(
    () => true,
    () => false,
  );
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
