import { dirname, relative, sep } from 'node:path';

const usesFileNames = /\b__(?:filename|dirname)\b/;
/** What must stay first in a file: a byte order mark, a hash-bang line, and directives such as "use strict". */
const prologue = /^\uFEFF?(?:#![^\n]*\n)?(?:\s*(?:\/\/[^\n]*\n|\/\*[\s\S]*?\*\/|(?:'[^'\n]*'|"[^"\n]*")\s*;?(?=\s)))*/;
const looksLikeEsm = /^\s*(?:import\s*[\w{*'"]|export\s*[\w{*])/m;

/**
 * Gives a CommonJS file the `__filename` and `__dirname` that Node would, as paths below `/kubeless`, on the line where its code
 * begins, so that line numbers stay.
 */
export function addNodeGlobals(source: string, file: string, base: string): string {
  if (!usesFileNames.test(source) || looksLikeEsm.test(source)) return source;
  const path = `/kubeless/${relative(base, file).split(sep).join('/')}`;
  const [start] = prologue.exec(source) ?? [''];
  const declaration = `var __filename=${JSON.stringify(path)},__dirname=${JSON.stringify(dirname(path))};`;
  return source.slice(0, start.length) + declaration + source.slice(start.length);
}
