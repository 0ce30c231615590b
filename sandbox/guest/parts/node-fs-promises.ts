/** `node:fs/promises`: every promise is rejected, since there are no files. */
import { fsConstants } from './shared/fs-constants.ts';
import { noFiles, pathOperations } from './shared/no-files.ts';

const operations = Object.fromEntries(
  [...pathOperations.filter((name) => name !== 'glob'), 'mkdtempDisposable'].map((name) => [
    name,
    { [name]: (path: unknown): Promise<never> => Promise.reject(noFiles(name, path)) }[name]!,
  ]),
);

/** Those that iterate fail when they are iterated. */
function iterating(operation: string) {
  // oxlint-disable-next-line require-yield -- there is nothing to be found
  return async function* (path: unknown): AsyncGenerator<never> {
    throw noFiles(operation, path);
  };
}

export default { ...operations, constants: fsConstants, glob: iterating('glob'), watch: iterating('watch') };
