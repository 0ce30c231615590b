/** Errors with a code, as Node's, and the checks that throw them. */

/** @param expected For example "of type string" or "an instance of Map". */
export function invalidArgument(name: string, expected: string, value: unknown): TypeError {
  const subject = name.endsWith(' argument') ? name : `"${name}" ${name.includes('.') ? 'property' : 'argument'}`;
  return withCode(
    new TypeError(`The ${subject} must be ${expected}. Received ${received(value)}`),
    'ERR_INVALID_ARG_TYPE',
  );
}

/** @param range For example ">= 0 && <= 10". */
export function outOfRange(name: string, range: string, value: unknown): RangeError {
  return withCode(
    new RangeError(`The value of "${name}" is out of range. It must be ${range}. Received ${numeral(value)}`),
    'ERR_OUT_OF_RANGE',
  );
}

export function invalidValue(name: string, value: unknown, reason = 'is invalid'): TypeError {
  const kind = name.includes('.') ? 'property' : 'argument';
  return withCode(
    new TypeError(`The ${kind} '${name}' ${reason}. Received ${inspected(value)}`),
    'ERR_INVALID_ARG_VALUE',
  );
}

export function unknownEncoding(encoding: unknown): TypeError {
  return withCode(new TypeError(`Unknown encoding: ${String(encoding)}`), 'ERR_UNKNOWN_ENCODING');
}

export function outOfBounds(name?: string): RangeError {
  return withCode(
    new RangeError(
      name === undefined ? 'Attempt to access memory outside buffer bounds' : `"${name}" is outside of buffer bounds`,
    ),
    'ERR_BUFFER_OUT_OF_BOUNDS',
  );
}

export function withCode<E extends Error>(error: E, code: string): E {
  if (code.startsWith('ERR_')) Object.defineProperty(error, 'toString', toText);
  return Object.assign(error, { code });
}

/** Node's own errors tell their code. */
const toText = {
  configurable: true,
  writable: true,
  value(this: Error & { readonly code: string }): string {
    return `${this.name} [${this.code}]: ${this.message}`;
  },
};

export function assertFunction(name: string, value: unknown): void {
  if (typeof value !== 'function') throw invalidArgument(name, 'of type function', value);
}

export function assertString(name: string, value: unknown): asserts value is string {
  if (typeof value !== 'string') throw invalidArgument(name, 'of type string', value);
}

export function assertBoolean(name: string, value: unknown): asserts value is boolean {
  if (typeof value !== 'boolean') throw invalidArgument(name, 'of type boolean', value);
}

/** Options may be left out, and have a signal. */
export function assertSignal(name: string, value: unknown): void {
  if (value === undefined || (typeof value === 'object' && value !== null && 'aborted' in value)) return;
  throw invalidArgument(name, 'an instance of AbortSignal', value);
}

export function assertObject(name: string, value: unknown): asserts value is object {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalidArgument(name, 'of type object', value);
  }
}

export function assertNumber(name: string, value: unknown, min?: number, max?: number): asserts value is number {
  if (typeof value !== 'number') throw invalidArgument(name, 'of type number', value);
  const isBelow = min !== undefined && value < min;
  const isAbove = max !== undefined && value > max;
  if (!isBelow && !isAbove && !((min !== undefined || max !== undefined) && Number.isNaN(value))) return;
  const bounds = [min === undefined ? [] : `>= ${min}`, max === undefined ? [] : `<= ${max}`].flat();
  throw outOfRange(name, bounds.join(' && '), value);
}

export function assertInteger(
  name: string,
  value: unknown,
  min: number = Number.MIN_SAFE_INTEGER,
  max: number = Number.MAX_SAFE_INTEGER,
): asserts value is number {
  if (typeof value !== 'number') throw invalidArgument(name, 'of type number', value);
  if (!Number.isInteger(value)) throw outOfRange(name, 'an integer', value);
  if (value < min || value > max) throw outOfRange(name, `>= ${min} && <= ${max}`, value);
}

function received(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value === 'function') return `function ${value.name}`;
  if (typeof value === 'object') {
    const { constructor } = value;
    return typeof constructor === 'function' && constructor.name !== ''
      ? `an instance of ${constructor.name}`
      : '[Object: null prototype] {}';
  }
  const text = inspected(value);
  return `type ${typeof value} (${text.length > 28 ? `${text.slice(0, 25)}...` : text})`;
}

/** Values in the form of Node's `inspect`, in as far as messages need it. */
function inspected(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return quoted(value.length > 128 ? `${value.slice(0, 128)}...` : value);
    case 'bigint':
      return `${value}n`;
    case 'number':
      return Object.is(value, -0) ? '-0' : String(value);
    case 'function':
      return value.name === '' ? '[Function (anonymous)]' : `[Function: ${value.name}]`;
    case 'object': {
      if (value === null) return 'null';
      if (Array.isArray(value)) return value.length === 0 ? '[]' : `[ ${value.slice(0, 6).map(inspected).join(', ')} ]`;
      const keys = Object.keys(value).slice(0, 6);
      if (keys.length === 0) return '{}';
      return `{ ${keys.map((key) => `${key}: ${shallow((value as Record<string, unknown>)[key])}`).join(', ')} }`;
    }
    default:
      return String(value);
  }
}

function shallow(value: unknown): string {
  if (typeof value !== 'object' || value === null) return inspected(value);
  return Array.isArray(value) ? '[Array]' : '[Object]';
}

function quoted(text: string): string {
  const escaped = JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"');
  if (!text.includes("'")) return `'${escaped}'`;
  return text.includes('"') ? `'${escaped.replaceAll("'", "\\'")}'` : `"${escaped}"`;
}

function numeral(value: unknown): string {
  if (typeof value === 'bigint') {
    const text = value > 2n ** 32n || value < -(2n ** 32n) ? separated(String(value)) : String(value);
    return `${text}n`;
  }
  if (typeof value === 'number' && Number.isInteger(value) && Math.abs(value) > 2 ** 32)
    return separated(String(value));
  return inspected(value);
}

function separated(digits: string): string {
  return digits.replaceAll(/\B(?=(?:\d{3})+$)/g, '_');
}
