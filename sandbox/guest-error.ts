import { SourceMap } from 'node:module';
import type { Bundle } from './bundle.ts';
import type { GuestError } from './outcome.ts';
import { runtimeFileName } from './warm-cache.ts';
import { causeMark, decodeFrame, errorText } from './wire.ts';

const maxFrames = 20;
const sourceMaps = new WeakMap<Bundle, SourceMap | null>();

/** Reads the frame in which a guest described what was thrown. Anything malformed becomes an error that says nothing. */
export function readGuestError(frame: string, bundle: Bundle): GuestError {
  const [name, message, stack] = decodeFrame(frame, 3) ?? [];
  if (name === undefined || message === undefined || stack === undefined) {
    return { name: 'Error', message: 'unknown error', stack: '' };
  }
  return {
    name: name.slice(0, errorText.name),
    message: message.slice(0, errorText.message),
    stack: mapStack(stack.slice(0, errorText.stack), bundle),
  };
}

/**
 * The frames of a stack that lie in the function, at their places in its sources. A guest can write anything into a stack: lines that
 * are no frames are dropped.
 */
export function mapStack(stack: string, bundle: Bundle): string {
  const lines: string[] = [];
  for (const line of stack.split('\n')) {
    const isFrame = frame.test(line);
    if ((!isFrame && !line.startsWith(causeMark)) || line.includes(runtimeFileName)) continue;
    lines.push(isFrame ? mapFrame(line, bundle) : line);
    if (lines.length === maxFrames) break;
  }
  return lines.join('\n');
}

/** Text in which stacks may stand, such as a log line: their frames at their places in the sources, all else as it is. */
export function mapText(text: string, bundle: Bundle): string {
  if (!text.includes('\n    at ')) return text;
  return text
    .split('\n')
    .filter((line) => !frame.test(line) || !line.includes(runtimeFileName))
    .map((line) => (frame.test(line) ? mapFrame(line, bundle) : line))
    .join('\n');
}

const frame = /^\s*at /;

/** isolated-vm puts the place of a syntax error behind its message, in brackets: where that is in the sources. */
export function mapSyntaxError(message: string, bundle: Bundle): string {
  const start = message.lastIndexOf(`[${bundle.fileName}:`);
  const position =
    start === -1 ? null : /^:(\d{1,9}):(\d{1,9})\]$/.exec(message.slice(start + bundle.fileName.length + 1));
  const entry = position === null ? undefined : findEntry(bundle, Number(position[1]), Number(position[2]));
  return entry === undefined ? message : `${message.slice(0, start)}[${entry}]`;
}

function mapFrame(line: string, bundle: Bundle): string {
  const start = line.lastIndexOf(`${bundle.fileName}:`);
  const position = start === -1 ? null : /^:(\d{1,9}):(\d{1,9})\)?$/.exec(line.slice(start + bundle.fileName.length));
  if (position === null) return line;
  const entry = findEntry(bundle, Number(position[1]), Number(position[2]));
  if (entry === undefined) return line;
  const prefix = line.slice(0, start);
  return `${prefix}${entry}${prefix.endsWith('(') ? ')' : ''}`;
}

function findEntry(bundle: Bundle, line: number, column: number): string | undefined {
  let map = sourceMaps.get(bundle);
  if (map === undefined) {
    map = parseSourceMap(bundle.sourceMap);
    sourceMaps.set(bundle, map);
  }
  const entry = map?.findEntry(line - 1, column - 1);
  if (entry === undefined || !('originalSource' in entry)) return undefined;
  return `${entry.originalSource}:${entry.originalLine + 1}:${entry.originalColumn + 1}`;
}

function parseSourceMap(text: string): SourceMap | null {
  try {
    return new SourceMap(JSON.parse(text) as ConstructorParameters<typeof SourceMap>[0]);
  } catch {
    // Without a map, frames keep their places in the bundle.
    return null;
  }
}
