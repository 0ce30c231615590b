/** `util.styleText`: text with the escape codes of terminals, where it is asked for: a function has none. */
import { inspect } from 'node-inspect-extracted';
import { assertBoolean, assertString, invalidArgument, invalidValue } from '../shared/node-error.ts';

interface Options {
  readonly validateStream?: boolean;
  readonly stream?: { readonly isTTY?: boolean };
}

const escape = '\u001b[';

export function styleText(formats: unknown, text: unknown, { validateStream = true, stream }: Options = {}): string {
  assertString('text', text);
  assertBoolean('options.validateStream', validateStream);
  if (validateStream && stream !== undefined && !isStream(stream)) {
    throw invalidArgument('stream', 'an instance of ReadableStream, WritableStream, or Stream', stream);
  }
  let start = '';
  let end = '';
  for (const name of Array.isArray(formats) ? (formats as unknown[]) : [formats]) {
    if (name === 'none') continue;
    const codes = typeof name === 'string' && Object.hasOwn(inspect.colors, name) ? inspect.colors[name] : undefined;
    if (codes === undefined) {
      throw invalidValue('format', name, `must be one of: ${Object.keys(inspect.colors).map(quoted).join(', ')}`);
    }
    start += `${escape}${codes[0]}m`;
    end = `${escape}${codes[1]}m${end}`;
  }
  return validateStream && stream?.isTTY !== true ? text : start + text + end;
}

function isStream(value: object): boolean {
  const { getReader, getWriter, pipe, write } = value as Record<string, unknown>;
  return [getReader, getWriter, pipe, write].some((method) => typeof method === 'function');
}

function quoted(name: string): string {
  return `'${name}'`;
}
