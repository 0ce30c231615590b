/** `node:path`, from the package path-browserify: paths of POSIX. Those of Windows are loaded when they are asked for. */
import path from 'path-browserify';
import { part } from '../core/facade.ts';
import { checkPaths } from './shared/checked-path.ts';
import { defineLazy } from './shared/lazy-property.ts';

/** Whether a path fits a pattern with `*`, `**`, `?`, `[...]` and `{a,b}`. */
function matchesGlob(candidate: string, pattern: string): boolean {
  let source = '';
  let depth = 0;
  for (let index = 0; index < pattern.length; index += 1) {
    const character = pattern[index]!;
    if (character === '*') {
      if (pattern[index + 1] === '*') {
        const isFolder = pattern[index + 2] === '/';
        source += isFolder ? '(?:[^/]+/)*' : '.*';
        index += isFolder ? 2 : 1;
      } else {
        source += '[^/]*';
      }
    } else if (character === '?') {
      source += '[^/]';
    } else if (character === '{') {
      depth += 1;
      source += '(?:';
    } else if (character === '}' && depth > 0) {
      depth -= 1;
      source += ')';
    } else if (character === ',' && depth > 0) {
      source += '|';
    } else if (character === '[' && pattern.indexOf(']', index) > index + 1) {
      const end = pattern.indexOf(']', index);
      source += `[${pattern
        .slice(index + 1, end)
        .replace(/^!/, '^')
        .replaceAll(/[\\[]/g, String.raw`\$&`)}]`;
      index = end;
    } else {
      source += character.replace(/[\\^$.|+()[\]{}]/, String.raw`\$&`);
    }
  }
  return new RegExp(`^${source}$`, 's').test(path.normalize(candidate));
}

const { format } = path as unknown as { format(object: object): string };
path['format'] = (object: Record<string, unknown>): string => {
  const { ext } = object ?? {};
  return format(typeof ext === 'string' && ext !== '' && !ext.startsWith('.') ? { ...object, ext: `.${ext}` } : object);
};
checkPaths(path);
defineLazy(path, 'win32', () => part('node-path-win32').default);

export default Object.assign(path, { matchesGlob, toNamespacedPath: (of: unknown): unknown => of });
