/** How `inspect` shows a buffer. */
import { hex } from './encodings.ts';

interface Context {
  readonly showHidden?: boolean;
}

const settings = { maxBytes: 50 };

export function inspectMaxBytes(): number {
  return settings.maxBytes;
}

export function setInspectMaxBytes(value: number): void {
  settings.maxBytes = value;
}

/** For the method of `inspect`, which gives the last two. */
export function describeBuffer(
  buffer: Uint8Array,
  context?: Context,
  inspect?: (value: unknown, options: object) => string,
): string {
  const shown = Math.min(settings.maxBytes, buffer.length);
  const left = buffer.length - shown;
  let text = hex

    .slice(buffer, 0, shown)
    .replaceAll(/(.{2})/g, '$1 ')
    .trim();
  if (left > 0) text += ` ... ${left} more byte${left > 1 ? 's' : ''}`;
  const extras = context === undefined || inspect === undefined ? {} : extrasOf(buffer);
  if (Object.keys(extras).length > 0) {
    const object = inspect!(extras, { ...context, breakLength: Infinity, compact: true });
    if (buffer.length > 0) text += ', ';
    // Without the braces, and without the name of an object that has no prototype.
    text += object.slice(object.indexOf('{') + 2, -2);
  }
  return `<${buffer.constructor.name} ${text}>`;
}

function extrasOf(buffer: Uint8Array): object {
  const keys = Object.keys(buffer).slice(buffer.length);
  return Object.fromEntries(keys.map((key) => [key, (buffer as unknown as Record<string, unknown>)[key]]));
}
