/** There is no file system. Each operation fails as on a system that does not have it. */
import { part } from '../../core/facade.ts';
import { withCode } from './node-error.ts';

const ENOSYS = -38;

export function noFiles(operation: string, path: unknown): Error {
  const name = pathName(path);
  const error = withCode(
    new Error(
      `ENOSYS: function not implemented, ${operation}${name === undefined ? '' : ` '${name}'`}: functions have no files; ` +
        'import what is to be read, so that it is bundled, or keep it in a storage binding',
    ),
    'ENOSYS',
  );
  return Object.assign(error, { errno: ENOSYS, syscall: operation, ...(name !== undefined && { path: name }) });
}

function pathName(path: unknown): string | undefined {
  if (typeof path === 'string') return path;
  if (path instanceof Uint8Array) return part('encoding').decodeUtf8(path);
  if (typeof path === 'object' && path !== null && typeof (path as { href?: unknown }).href === 'string') {
    return (path as { href: string }).href;
  }
  return undefined;
}

/** Those that there are with a callback, as a promise, and synchronously. */
export const pathOperations =
  'access appendFile chmod chown copyFile cp glob lchmod lchown link lstat lutimes mkdir mkdtemp open opendir readFile readdir readlink realpath rename rm rmdir stat statfs symlink truncate unlink utimes writeFile'.split(
    ' ',
  );

/** Those of open files, with a callback and synchronously. */
export const handleOperations =
  'close fchmod fchown fdatasync fstat fsync ftruncate futimes read readv write writev'.split(' ');
