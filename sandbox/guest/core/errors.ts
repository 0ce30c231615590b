import { causeMark, encodeFrame, errorText } from '../../wire.ts';
import { String, charCodeAt, isError, stringSlice } from './primordials.ts';

/** Text over this many code units is not sliced: a slice keeps the whole string alive, and flattening a huge rope costs memory. */
export const maxSliceable = 1_000_000;

/**
 * Describes whatever user code threw, as a frame of name, message and stack. This runs user code (getters, `toString`), so it
 * happens inside the guest, where the limits hold; what isolated-vm would do instead, copying the error, runs outside of them.
 */
export function describeThrown(thrown: unknown): string {
  if (thrown === null || (typeof thrown !== 'object' && typeof thrown !== 'function')) {
    return encodeFrame(['Thrown', clip(primitiveText(thrown), errorText.message), '']);
  }
  const name = read(thrown, 'name', errorText.name);
  const message = read(thrown, 'message', errorText.message);
  const stack = isError(thrown) ? read(thrown, 'stack', errorText.stack) + describeCauses(thrown) : '';
  return encodeFrame([name === '' ? 'Error' : name, message, clip(stack, errorText.stack)]);
}

const maxCauses = 3;

/** What an error was caused by, or consists of, with the frames of each. */
function describeCauses(error: object): string {
  let text = '';
  let current = error;
  for (let count = 0; count < maxCauses; count += 1) {
    const cause = causeOf(current);
    if (cause === undefined) break;
    text += `\n${causeMark}${read(cause, 'name', errorText.name)}: ${firstLine(read(cause, 'message', 1_000))}\n`;
    text += read(cause, 'stack', errorText.stack);
    current = cause;
  }
  return text;
}

function causeOf(error: object): object | undefined {
  try {
    const { cause, errors } = error as { cause?: unknown; errors?: unknown };
    if (isError(cause)) return cause as object;
    const first = typeof errors === 'object' && errors !== null ? (errors as Record<number, unknown>)[0] : undefined;
    return isError(first) ? (first as object) : undefined;
  } catch {
    // A getter threw.
    return undefined;
  }
}

function firstLine(text: string): string {
  for (let index = 0; index < text.length; index += 1) {
    if (charCodeAt(text, index) === 10) return stringSlice(text, 0, index);
  }
  return text;
}

function read(object: object, key: 'name' | 'message' | 'stack', length: number): string {
  try {
    const value = (object as Record<string, unknown>)[key];
    if (typeof value === 'string') return clip(value, length);
    if (value === null || value === undefined || typeof value === 'object' || typeof value === 'function') return '';
    return clip(primitiveText(value), length);
  } catch {
    // The getter threw: the description goes without this field.
    return '';
  }
}

function primitiveText(value: unknown): string {
  // A BigInt of a million digits takes minutes to print.
  return typeof value === 'bigint' ? 'a BigInt' : String(value);
}

function clip(text: string, length: number): string {
  if (text.length <= length) return text;
  return text.length > maxSliceable ? '(text of over a million characters)' : stringSlice(text, 0, length);
}
