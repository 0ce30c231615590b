import type { Message, Note } from 'esbuild';
import { isBuiltin } from './builtins.ts';
import type { BundleMessage, BundleRequest } from './types.ts';

const maxMessages = 10;
const maxFrameWidth = 160;
const unresolved = /^Could not resolve "([^"]*)"/;

/** esbuild's messages in the form that users see. */
export function toBundleMessages(request: BundleRequest, messages: readonly Message[]): BundleMessage[] {
  const all = new Map<string, BundleMessage>();
  for (const message of messages) {
    const shown = toBundleMessage(request, message);
    all.set(`${shown.location ?? ''} ${shown.text}`, shown);
  }
  const shown = [...all.values()].slice(0, maxMessages);
  const hidden = all.size - shown.length;
  if (hidden > 0) shown.push({ text: `... and ${hidden} more`, location: undefined, frame: undefined });
  return shown;
}

/** Those of Node's modules that could not be resolved, with the files that import them. */
export function missingBuiltins(messages: readonly Message[]): { readonly name: string; readonly importer: string }[] {
  return messages.flatMap(({ text, location }) => {
    const name = unresolved.exec(text)?.[1];
    return name !== undefined && isBuiltin(name) && location !== null ? [{ name, importer: location.file }] : [];
  });
}

function toBundleMessage(request: BundleRequest, { text, location, notes }: Message): BundleMessage {
  const explained = explain(request, text, notes);
  if (location === null) return { text: explained, location: undefined, frame: undefined };
  const { file, line, column, lineText, length } = location;
  return {
    text: explained,
    location: `${file}:${line}:${column + 1}`,
    frame: codeFrame(line, column, lineText, length),
  };
}

/** Columns count bytes of UTF-8 in esbuild; for the marker they are close enough. */
function codeFrame(line: number, column: number, lineText: string, length: number): string {
  const number = String(line);
  const from = Math.max(0, column - maxFrameWidth / 2);
  const text = lineText.slice(from, from + maxFrameWidth);
  const marker = length > 1 ? '~'.repeat(Math.min(length, maxFrameWidth / 2)) : '^';
  return `  ${number} | ${text}\n  ${' '.repeat(number.length)} | ${' '.repeat(column - from)}${marker}`;
}

/** esbuild's notes on unresolved imports suggest options of its own, which users of functions do not have. */
function explain(request: BundleRequest, text: string, notes: readonly Note[]): string {
  const name = unresolved.exec(text)?.[1];
  if (name === undefined) return [text, ...notes.map((note) => note.text)].join('\n');
  if (isBuiltin(name)) {
    const available = request.builtins.length === 0 ? 'none so far' : request.builtins.join(', ');
    return (
      `${request.name} imports "${name}", which is not available to functions; available are ${available}. ` +
      'Use a web API or a package without it instead'
    );
  }
  return `Could not resolve "${name}"\n${remedy(name, notes)}`;
}

function remedy(name: string, notes: readonly Note[]): string {
  if (name.startsWith('.') || name.startsWith('/')) {
    return 'There is no such file; check the path and its upper and lower case.';
  }
  // The package is there, but not the part of it.
  const found = notes.find((note) => / by package |exports? /.test(note.text));
  if (found !== undefined) return found.text;
  if (name.startsWith('#')) return 'There is no such name in "imports" of the package.json beside the file.';
  const packageName = name.split('/', name.startsWith('@') ? 2 : 1).join('/');
  return `There is no such package; run "npm install ${packageName}" in the function's folder or in the project.`;
}
