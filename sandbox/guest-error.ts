import { SourceMap } from 'node:module';
import type { Bundle } from './bundle.ts';
import type { GuestError } from './outcome.ts';
import { runtimeFileName } from './warm-cache.ts';
import { decodeFrame, errorText } from './wire.ts';

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
  const frames: string[] = [];
  for (const line of stack.split('\n')) {
    if (!/^ {4}at /.test(line) || line.includes(runtimeFileName)) continue;
    frames.push(mapFrame(line, bundle));
    if (frames.length === maxFrames) break;
  }
  return frames.join('\n');
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
