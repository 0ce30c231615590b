import type { Message } from 'esbuild';
import type { BundleMessage } from './types.ts';

const maxMessages = 10;
const maxFrameWidth = 160;

/** esbuild's messages in the form that users see. */
export function toBundleMessages(messages: readonly Message[]): BundleMessage[] {
  const shown = messages.slice(0, maxMessages).map(toBundleMessage);
  const hidden = messages.length - shown.length;
  if (hidden > 0) shown.push({ text: `... and ${hidden} more`, location: undefined, frame: undefined });
  return shown;
}

function toBundleMessage({ text, location, notes }: Message): BundleMessage {
  const explained = [text, ...explain(text, notes)].join('\n');
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
function explain(text: string, notes: readonly { readonly text: string }[]): string[] {
  const unresolved = /^Could not resolve "([^"]*)"/.exec(text)?.[1];
  if (unresolved === undefined) return notes.map((note) => note.text);
  return unresolved.startsWith('.')
    ? ['There is no such file; check the path and its upper and lower case.']
    : [`There is no such package; run "npm install ${unresolved}" in the function's folder or in the project.`];
}
