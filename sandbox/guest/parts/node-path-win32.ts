/** `node:path/win32`, from the package path-unified, which has the code of Node. */
import * as members from 'path-unified/win32';
import { part } from '../core/facade.ts';

const posix = part('node-path').default;

const win32 = {
  ...members,
  _makeLong: members.toNamespacedPath,
  matchesGlob: (candidate: string, pattern: string): boolean =>
    posix.matchesGlob(candidate.replaceAll('\\', '/'), pattern.replaceAll('\\', '/')),
  posix,
  win32: undefined as object | undefined,
};
win32.win32 = win32;

export default win32;
