/** `node:util`: Node's own `inspect`, by the package node-inspect-extracted, and what else there is, from util and assert. */
import { parseArgs } from '@pkgjs/parseargs';
import { isDeepStrictEqual } from 'assert/build/internal/util/comparisons.js';
import { format, formatWithOptions, inspect, stripVTControlCharacters } from 'node-inspect-extracted';
import util from 'util/util.js';
import { log, part } from '../core/facade.ts';
import { callbackify, inherits } from './node-util/callbackify.ts';
import { getCallSites } from './node-util/call-sites.ts';
import { MIMEParams, MIMEType } from './node-util/mime-type.ts';
import { parseEnv } from './node-util/parse-env.ts';
import { promisify } from './node-util/promisify.ts';
import { styleText } from './node-util/style-text.ts';
import { assertFunction, invalidArgument, withCode } from './shared/node-error.ts';
import { systemErrors } from './shared/system-errors.ts';

const { _extend } = util;

/** Debug logs are asked for by a variable of the server's, which functions do not have. */
function debuglog(_section: string, tell?: (log: object) => void): object {
  const silent = Object.assign((): void => {}, { enabled: false });
  tell?.(silent);
  return silent;
}

const deprecated = new Set<string>();

/** Warns once, by code if there is one. */
function deprecate<F extends (...args: never[]) => unknown>(callback: F, message: string, code?: string): F {
  assertFunction('fn', callback);
  let hasWarned = false;
  const warning = function (this: unknown, ...args: never[]): unknown {
    if (!hasWarned && (code === undefined || !deprecated.has(code))) {
      if (code !== undefined) deprecated.add(code);
      log('warn', `DeprecationWarning: ${code === undefined ? '' : `[${code}] `}${message}`);
    }
    hasWarned = true;
    return new.target === undefined
      ? Reflect.apply(callback, this, args)
      : (Reflect.construct(callback, args, new.target) as object);
  };
  Object.setPrototypeOf(warning, callback);
  if (callback.prototype !== undefined) warning.prototype = callback.prototype as object;
  return warning as unknown as F;
}

interface AbortSignal {
  readonly aborted: boolean;
  addEventListener(type: 'abort', listener: (event: unknown) => void, options: { once: true }): void;
}

/** Settles when the signal is aborted. The resource keeps it from nothing: an isolate lives as long as its call. */
async function aborted(signal: AbortSignal, resource: unknown): Promise<unknown> {
  if (typeof signal?.addEventListener !== 'function')
    throw invalidArgument('signal', 'an instance of AbortSignal', signal);
  if (typeof resource !== 'object' || resource === null) throw invalidArgument('resource', 'of type object', resource);
  if (signal.aborted) return undefined;
  return new Promise((resolve) => {
    signal.addEventListener('abort', resolve, { once: true });
  });
}

const errorMap = new Map(systemErrors.map(([number, name, message]) => [number, [name, message] as const]));

function systemError(number: unknown): readonly [string | undefined, string | undefined] {
  if (typeof number !== 'number') throw invalidArgument('err', 'of type number', number);
  if (!Number.isInteger(number) || number >= 0) {
    throw withCode(
      new RangeError('The value of "err" is out of range. It must be a negative integer.'),
      'ERR_OUT_OF_RANGE',
    );
  }
  return errorMap.get(number) ?? [undefined, undefined];
}

function convertProcessSignalToExitCode(name: keyof typeof signals): number {
  if (!Object.hasOwn(signals, name)) throw invalidArgument('signalCode', 'the name of a signal', name);
  return 128 + signals[name];
}
const { signals } = part('node-os').constants;

const typeOf = (value: unknown): string => Object.prototype.toString.call(value);

/** What Node no longer has since its version 23, and packages of before still call. */
const ofOldPackages = {
  isBoolean: (value: unknown): boolean => typeof value === 'boolean',
  isBuffer: (value: unknown): boolean => part('node-buffer').Buffer.isBuffer(value),
  isDate: (value: unknown): boolean => typeOf(value) === '[object Date]',
  isError: (value: unknown): boolean => Error.isError(value) || value instanceof Error,
  isFunction: (value: unknown): boolean => typeof value === 'function',
  isNull: (value: unknown): boolean => value === null,
  isNullOrUndefined: (value: unknown): boolean => value === null || value === undefined,
  isNumber: (value: unknown): boolean => typeof value === 'number',
  isObject: (value: unknown): boolean => typeof value === 'object' && value !== null,
  isPrimitive: (value: unknown): boolean =>
    value === null || (typeof value !== 'object' && typeof value !== 'function'),
  isRegExp: (value: unknown): boolean => typeOf(value) === '[object RegExp]',
  isString: (value: unknown): boolean => typeof value === 'string',
  isSymbol: (value: unknown): boolean => typeof value === 'symbol',
  isUndefined: (value: unknown): boolean => value === undefined,
  log(...args: unknown[]): void {
    // oxlint-disable-next-line no-console -- as in Node: it is the console's, which code may have replaced
    console.log('%s - %s', new Date().toISOString(), format(...args));
  },
};

export default {
  ...ofOldPackages,
  MIMEParams,
  MIMEType,
  get TextDecoder(): object {
    return part('encoding').TextDecoder;
  },
  get TextEncoder(): object {
    return part('encoding').TextEncoder;
  },
  _extend,
  aborted,
  callbackify,
  convertProcessSignalToExitCode,
  debug: debuglog,
  debuglog,
  deprecate,
  format,
  formatWithOptions,
  getCallSites,
  getSystemErrorMap: () => new Map(errorMap),
  getSystemErrorMessage: (number: unknown) => systemError(number)[1],
  getSystemErrorName: (number: unknown) => systemError(number)[0] ?? `Unknown system error ${String(number)}`,
  inherits,
  inspect,
  isArray: Array.isArray,
  isDeepStrictEqual: (one: unknown, other: unknown): boolean => isDeepStrictEqual(one, other),
  markPromiseAsHandled(promise: Promise<unknown>): void {
    promise.catch(() => {});
  },
  parseArgs,
  parseEnv,
  promisify,
  stripVTControlCharacters,
  styleText,
  toUSVString: (text: unknown): string => `${text as string}`.toWellFormed(),
  /** Signals are cloned by reference, within an isolate. */
  transferableAbortController: () => new (part('events').AbortController)(),
  transferableAbortSignal: (signal: unknown): unknown => signal,
  types: part('node-util-types').default,
};
