/** The Console Standard on log lines: https://console.spec.whatwg.org */
import type { LogLevel } from '../../wire.ts';
import { isLogging, log } from '../core/facade.ts';
import { format, inspect } from './console/format.ts';
import { formatTable } from './console/table.ts';

const counts = new Map<string, number>();
const starts = new Map<string, number>();
let indent = '';

function print(level: LogLevel, args: readonly unknown[]): void {
  if (!isLogging()) return;
  const text = format(args);
  log(level, indent === '' ? text : indent + text.replaceAll('\n', `\n${indent}`));
}

function label(value: unknown): string {
  return value === undefined ? 'default' : `${value as string}`;
}

function elapsed(name: string): string | undefined {
  const start = starts.get(name);
  if (start !== undefined) return `${Date.now() - start}ms`;
  print('warn', [`No such label '${name}' for console.timeEnd()`]);
  return undefined;
}

const methods = {
  log: (...args: unknown[]) => print('info', args),
  info: (...args: unknown[]) => print('info', args),
  debug: (...args: unknown[]) => print('debug', args),
  warn: (...args: unknown[]) => print('warn', args),
  error: (...args: unknown[]) => print('error', args),
  trace: (...args: unknown[]) => {
    const stack = new Error().stack?.split('\n').slice(2).join('\n') ?? '';
    print('debug', [`Trace${args.length === 0 ? '' : `: ${format(args)}`}\n${stack}`]);
  },
  assert: (...[condition, ...args]: unknown[]) => {
    if (condition) return;
    const [first, ...rest] = args;
    if (args.length === 0) print('error', ['Assertion failed']);
    else if (typeof first === 'string') print('error', [`Assertion failed: ${first}`, ...rest]);
    else print('error', ['Assertion failed:', ...args]);
  },
  dir: (...[value]: unknown[]) => print('info', [inspect(value)]),
  dirxml: (...args: unknown[]) => print('info', args),
  table: (...[data, columns]: unknown[]) => {
    const table = formatTable(data, columns as string[] | undefined);
    print('info', [table ?? data]);
  },
  count: (...[name]: unknown[]) => {
    const key = label(name);
    const next = (counts.get(key) ?? 0) + 1;
    counts.set(key, next);
    print('info', [`${key}: ${next}`]);
  },
  countReset: (...[name]: unknown[]) => {
    if (!counts.delete(label(name))) print('warn', [`Count for '${label(name)}' does not exist`]);
  },
  group: (...args: unknown[]) => {
    if (args.length > 0) print('info', args);
    if (indent.length < 200) indent += '  ';
  },
  groupCollapsed: (...args: unknown[]) => methods.group(...args),
  groupEnd: () => {
    indent = indent.slice(2);
  },
  time: (...[name]: unknown[]) => {
    const key = label(name);
    if (starts.has(key)) print('warn', [`Label '${key}' already exists for console.time()`]);
    else starts.set(key, Date.now());
  },
  timeLog: (...[name, ...args]: unknown[]) => {
    const time = elapsed(label(name));
    if (time !== undefined) print('info', [`${label(name)}: ${time}`, ...args]);
  },
  timeEnd: (...[name]: unknown[]) => {
    const key = label(name);
    const time = elapsed(key);
    if (time !== undefined) print('info', [`${key}: ${time}`]);
    starts.delete(key);
  },
  clear: () => {},
};

/** A namespace object, with an empty prototype of its own. */
export const console = Object.assign(Object.create({}) as object, methods);

Object.defineProperty(console, Symbol.toStringTag, { configurable: true, value: 'console' });
