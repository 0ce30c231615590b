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

export function describeBuffer(
  this: Uint8Array,
  _depth?: number,
  context?: Context,
  inspect?: (value: unknown, options: object) => string,
): string {
  const shown = Math.min(settings.maxBytes, this.length);
  const left = this.length - shown;
  let text = hex
    .slice(this, 0, shown)
    .replaceAll(/(.{2})/g, '$1 ')
    .trim();
  if (left > 0) text += ` ... ${left} more byte${left > 1 ? 's' : ''}`;
  const extras = context === undefined || inspect === undefined ? {} : extrasOf(this);
  if (Object.keys(extras).length > 0) {
    const object = inspect!(extras, { ...context, breakLength: Infinity, compact: true });
    if (this.length > 0) text += ', ';
    // Without the braces, and without the name of an object that has no prototype.
    text += object.slice(object.indexOf('{') + 2, -2);
  }
  return `<${this.constructor.name} ${text}>`;
}

function extrasOf(buffer: Uint8Array): object {
  const keys = Object.keys(buffer).slice(buffer.length);
  return Object.fromEntries(keys.map((key) => [key, (buffer as unknown as Record<string, unknown>)[key]]));
}
