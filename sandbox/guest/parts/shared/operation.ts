/** Operations of the host that may fail for a reason, which becomes an exception. */
import { callAsync, callSync, part } from '../../core/facade.ts';
import { withCode } from './node-error.ts';

export async function operate(
  name: string,
  text: string,
  data?: Uint8Array,
): Promise<string | Uint8Array<ArrayBuffer>> {
  return checked(await callAsync(name, text, data));
}

export function operateSync(name: string, text: string, data?: Uint8Array): string | Uint8Array<ArrayBuffer> {
  const result = callSync(name, text, data);
  if (typeof result !== 'string' && !(result instanceof Uint8Array))
    throw new TypeError('the host refused the operation');
  return checked(result);
}

function checked(result: string | Uint8Array): string | Uint8Array<ArrayBuffer> {
  if (typeof result !== 'string' || !result.startsWith('!')) return result as Uint8Array<ArrayBuffer>;
  const [name, code, ...message] = result.slice(1).split('\n');
  const error = errorOf(name!, message.join('\n'));
  throw code === '' ? error : withCode(error, code!);
}

const errors: Readonly<Record<string, new (message: string) => Error>> = { Error, TypeError, RangeError, SyntaxError };

function errorOf(name: string, message: string): Error {
  if (Object.hasOwn(errors, name)) return new errors[name]!(message);
  const { DOMException } = part('events');
  return new DOMException(message, name.replace('DOMException:', ''));
}
