/** `util.styleText`: text with the escape codes of terminals, where it is asked for: a function has none. */
import { inspect } from 'node-inspect-extracted';
import { invalidArgument, withCode } from '../shared/node-error.ts';

interface Options {
  readonly validateStream?: boolean;
  readonly stream?: { readonly isTTY?: boolean };
}

const escape = '\u001b[';

export function styleText(formats: unknown, text: unknown, { validateStream = true, stream }: Options = {}): string {
  if (typeof text !== 'string') throw invalidArgument('text', 'of type string', text);
  let start = '';
  let end = '';
  for (const name of Array.isArray(formats) ? (formats as unknown[]) : [formats]) {
    if (name === 'none') continue;
    const codes = typeof name === 'string' && Object.hasOwn(inspect.colors, name) ? inspect.colors[name] : undefined;
    if (codes === undefined) {
      throw withCode(
        new TypeError(
          `The argument 'format' must be one of: ${Object.keys(inspect.colors).join(', ')}. Received ${String(name)}`,
        ),
        'ERR_INVALID_ARG_VALUE',
      );
    }
    start += `${escape}${codes[0]}m`;
    end = `${escape}${codes[1]}m${end}`;
  }
  return validateStream && stream?.isTTY !== true ? text : start + text + end;
}
