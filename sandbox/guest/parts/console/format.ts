/** Writes values for people to read, in the manner of Node's `util.inspect`: bounded in depth, length and number of entries. */

const maxDepth = 4;
const maxEntries = 100;
const maxStringLength = 10_000;
const lineWidth = 76;
const identifier = /^[A-Za-z_$][\w$]*$/;

/** Joins arguments with spaces; a first string may have the placeholders of the Console Standard. */
export function format(args: readonly unknown[]): string {
  const [first, ...rest] = args;
  if (typeof first !== 'string') return args.map((value) => formatArgument(value)).join(' ');
  let used = 0;
  const text =
    rest.length === 0
      ? first
      : first.replace(/%[sdifoOcj%]/g, (placeholder) => {
          if (placeholder === '%%') return '%';
          if (used === rest.length) return placeholder;
          const value = rest[used];
          used += 1;
          return substitute(placeholder, value);
        });
  const parts = [text];
  for (const value of rest.slice(used)) parts.push(formatArgument(value));
  return parts.join(' ');
}

/** A string shows as it is at the top, everything else as `inspect` writes it. */
function formatArgument(value: unknown): string {
  return typeof value === 'string' ? value : inspect(value);
}

function substitute(placeholder: string, value: unknown): string {
  switch (placeholder) {
    case '%s':
      return typeof value === 'object' && value !== null ? inspect(value, 0) : formatPrimitive(value);
    case '%d':
      return typeof value === 'symbol' || typeof value === 'object' ? 'NaN' : formatPrimitive(Number(value));
    case '%i':
      return typeof value === 'symbol' || typeof value === 'object' ? 'NaN' : `${Number.parseInt(String(value), 10)}`;
    case '%f':
      return typeof value === 'symbol' ? 'NaN' : `${Number.parseFloat(String(value))}`;
    case '%j':
      return String(JSON.stringify(value));
    case '%c':
      return '';
    default:
      return inspect(value);
  }
}

export function inspect(value: unknown, depth = maxDepth - 2): string {
  try {
    return formatValue(value, { depth, ancestors: [] }, 0);
  } catch (thrown) {
    // A proxy or a getter that throws must not make console.log throw.
    return `[cannot be shown: ${String((thrown as Error)?.message ?? 'unknown')}]`;
  }
}

interface Context {
  readonly depth: number;
  readonly ancestors: object[];
}

function formatValue(value: unknown, context: Context, level: number): string {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) {
    return typeof value === 'string' ? quote(value) : formatPrimitive(value);
  }
  if (context.ancestors.includes(value)) return '[Circular *1]';
  if (Error.isError(value)) return formatError(value as Error, context, level);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString();
  if (value instanceof RegExp) return String(value);
  if (value instanceof Promise) return 'Promise { }';
  if (level > context.depth)
    return Array.isArray(value) ? '[Array]' : `[${className(value) ?? 'Object: null prototype'}]`;
  context.ancestors.push(value);
  const text = formatObject(value, context, level);
  context.ancestors.pop();
  return text;
}

function formatPrimitive(value: unknown): string {
  if (typeof value === 'bigint') return `${value}n`;
  if (Object.is(value, -0)) return '-0';
  return String(value);
}

function quote(text: string): string {
  const clipped = text.length > maxStringLength ? `${text.slice(0, maxStringLength)}...` : text;
  const mark = !clipped.includes("'") ? "'" : !clipped.includes('"') ? '"' : !clipped.includes('`') ? '`' : "'";
  const escaped = JSON.stringify(clipped).slice(1, -1).replaceAll('\\"', '"');
  return (
    mark +
    (mark === "'" ? escaped.replaceAll("'", "\\'") : mark === '"' ? escaped.replaceAll('"', '\\"') : escaped) +
    mark
  );
}

function formatError(error: Error, context: Context, level: number): string {
  const stack = typeof error.stack === 'string' && error.stack !== '' ? error.stack : `[${String(error)}]`;
  const extra: string[] = [];
  for (const key of Object.keys(error).slice(0, maxEntries)) {
    if (key !== 'stack' && key !== 'message') extra.push(formatProperty(error, key, context, level));
  }
  if (error.cause !== undefined && level < context.depth) {
    extra.push(`[cause]: ${formatValue(error.cause, context, level + 1)}`);
  }
  return extra.length === 0 ? stack : `${stack} {\n  ${extra.join(',\n  ')}\n}`;
}

function formatObject(value: object, context: Context, level: number): string {
  if (typeof value === 'function') return formatFunction(value, context, level);
  const name = className(value);
  if (Array.isArray(value)) return formatArray(value, context, level);
  if (ArrayBuffer.isView(value) && !(value instanceof DataView)) {
    const items = value as unknown as ArrayLike<number | bigint>;
    const shown = Array.from({ length: Math.min(items.length, maxEntries) }, (_, index) =>
      formatPrimitive(items[index]),
    );
    if (items.length > maxEntries) shown.push(`... ${items.length - maxEntries} more items`);
    return wrap(`${name ?? 'TypedArray'}(${items.length}) `, '[', shown, ']', level);
  }
  if (value instanceof Map) {
    const entries = [...limited(value)].map(
      ([key, item]) => `${formatValue(key, context, level + 1)} => ${formatValue(item, context, level + 1)}`,
    );
    return wrap(`${name ?? 'Map'}(${value.size}) `, '{', entries, '}', level);
  }
  if (value instanceof Set) {
    const entries = [...limited(value)].map((item) => formatValue(item, context, level + 1));
    return wrap(`${name ?? 'Set'}(${value.size}) `, '{', entries, '}', level);
  }
  const properties = formatProperties(value, context, level);
  const boxed = value instanceof Number || value instanceof String || value instanceof Boolean;
  if (boxed) return `[${name ?? 'Object'}: ${formatValue(value.valueOf(), context, level)}]`;
  const prefix = name === 'Object' ? '' : `${name ?? '[Object: null prototype]'} `;
  return wrap(prefix, '{', properties, '}', level);
}

function formatFunction(value: Function, context: Context, level: number): string {
  const isClass = /^class\b/.test(Function.prototype.toString.call(value).slice(0, 6));
  const { name } = value;
  const base = isClass
    ? `[class ${name || '(anonymous)'}]`
    : `[${className(value) ?? 'Function'}${name ? `: ${name}` : ' (anonymous)'}]`;
  const properties = formatProperties(value, context, level);
  return properties.length === 0 ? base : wrap(`${base} `, '{', properties, '}', level);
}

function formatArray(array: readonly unknown[], context: Context, level: number): string {
  const items: string[] = [];
  for (let index = 0; index < array.length && items.length < maxEntries; index += 1) {
    if (index in array) {
      items.push(formatValue(array[index], context, level + 1));
      continue;
    }
    let holes = 1;
    while (index + 1 < array.length && holes < 1_000_000 && !(index + 1 in array)) {
      holes += 1;
      index += 1;
    }
    items.push(`<${holes} empty item${holes === 1 ? '' : 's'}>`);
  }
  if (array.length > maxEntries && items.length >= maxEntries)
    items.push(`... ${array.length - maxEntries} more items`);
  return wrap('', '[', items, ']', level);
}

function formatProperties(value: object, context: Context, level: number): string[] {
  const keys: (string | symbol)[] = Object.keys(value);
  for (const symbol of Object.getOwnPropertySymbols(value)) {
    if (Object.prototype.propertyIsEnumerable.call(value, symbol)) keys.push(symbol);
  }
  const shown = keys.slice(0, maxEntries).map((key) => formatProperty(value, key, context, level));
  if (keys.length > maxEntries) shown.push(`... ${keys.length - maxEntries} more`);
  return shown;
}

function formatProperty(value: object, key: string | symbol, context: Context, level: number): string {
  const descriptor = Object.getOwnPropertyDescriptor(value, key);
  const name = typeof key === 'symbol' ? `[${String(key)}]` : identifier.test(key) ? key : quote(key);
  if (descriptor?.get !== undefined) return `${name}: [${descriptor.set === undefined ? 'Getter' : 'Getter/Setter'}]`;
  if (descriptor?.set !== undefined) return `${name}: [Setter]`;
  return `${name}: ${formatValue(descriptor?.value, context, level + 1)}`;
}

function wrap(prefix: string, open: string, items: readonly string[], close: string, level: number): string {
  if (items.length === 0) return `${prefix}${open}${close}`;
  const oneLine = `${prefix}${open} ${items.join(', ')} ${close}`;
  if (oneLine.length <= lineWidth && !oneLine.includes('\n')) return oneLine;
  const indent = '  '.repeat(level + 1);
  return `${prefix}${open}\n${indent}${items.join(`,\n${indent}`)}\n${'  '.repeat(level)}${close}`;
}

function className(value: object): string | undefined {
  const prototype = Object.getPrototypeOf(value) as { constructor?: { name?: unknown } } | null;
  if (prototype === null) return undefined;
  const name = prototype.constructor?.name;
  return typeof name === 'string' && name !== '' ? name : 'Object';
}

function* limited<T>(items: Iterable<T>): Generator<T> {
  let count = 0;
  for (const item of items) {
    if (count === maxEntries) return;
    count += 1;
    yield item;
  }
}
