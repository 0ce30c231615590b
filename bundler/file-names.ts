import { dirname, relative, sep } from 'node:path';

/** Names of variables by which a file knows where it is, and what stands for them in the bundle. */
const ofModules = {
  'import.meta.url': 'url',
  'import.meta.filename': 'filename',
  'import.meta.dirname': 'dirname',
} as const;
const ofCommonJs = { __filename: 'filename', __dirname: 'dirname' } as const;

const usesModuleNames = /\bimport\s*\.\s*meta\b/;
const usesCommonJsNames = /\b__(?:filename|dirname)\b/;
/** What must stay first in a file: a byte order mark, a hash-bang line, comments, and directives such as "use strict". */
const prologue =
  /^\uFEFF?(?:#![^\n]*\n)?(?:\s*(?:\/\/[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/|(?:'[^'\n]*'|"[^"\n]*")\s*(?:;|(?=\n)|$)))*/;

const variableOf = (part: string): string => `__isohost_${part}`;

/**
 * What esbuild puts in the place of those names, where nobody has declared them.
 *
 * @param nodeGlobals CommonJS' own names too.
 */
export function fileNameDefines(nodeGlobals: boolean): Record<string, string> {
  const names = { ...ofModules, ...(nodeGlobals ? ofCommonJs : {}) };
  return Object.fromEntries(Object.entries(names).map(([name, part]) => [name, variableOf(part)]));
}

/**
 * Gives a file that asks for them the variables that stand for its names, on the line where its code begins, so that line numbers stay.
 *
 * @param folder Where the file seems to be: the host's own folders are none of a function's business.
 */
export function declareFileNames(
  source: string,
  file: string,
  base: string,
  folder: string,
  nodeGlobals: boolean,
): string {
  if (!usesModuleNames.test(source) && !(nodeGlobals && usesCommonJsNames.test(source))) return source;
  const way = relative(base, file).split(sep).join('/');
  const path = `${folder}/${way.startsWith('../') ? way.replaceAll('../', '') : way}`;
  const values = { url: `file://${encodeURI(path)}`, filename: path, dirname: dirname(path) };
  const declarations = Object.entries(values).map(([part, value]) => `${variableOf(part)}=${JSON.stringify(value)}`);
  const [start] = prologue.exec(source) ?? [''];
  return `${source.slice(0, start.length)};var ${declarations.join(',')};${source.slice(start.length)}`;
}
