/** The part of Node's `process` that libraries look at: variables that were granted, a clock, and names that identify nothing. */
import {
  callSync,
  findBuiltin,
  freeBytes,
  log,
  queueMicrotask,
  readFrame,
  settings,
  usedMemory,
} from '../core/facade.ts';
import { readableStdio, writableStdio } from './node-process/stdio.ts';
import { assertFunction } from './shared/node-error.ts';
import { unavailable, unavailableFunctions } from './shared/unavailable.ts';

const startedAt = Date.now();
const nanosecondsPerSecond = 1_000_000_000;

function hrtime(previous?: readonly [number, number]): [number, number] {
  const milliseconds = Date.now() - startedAt;
  const now = milliseconds * 1e6;
  const before = previous === undefined ? 0 : previous[0] * nanosecondsPerSecond + previous[1];
  const elapsed = now - before;
  return [Math.floor(elapsed / nanosecondsPerSecond), elapsed % nanosecondsPerSecond];
}
hrtime.bigint = (): bigint => BigInt(Date.now() - startedAt) * 1_000_000n;

/** Variables are text: what is assigned becomes it. */
function textOnly(variables: Record<string, string>): Record<string, string> {
  return new Proxy(variables, {
    set: (target, name, value) => Reflect.set(target, name, `${value as string}`),
  });
}

/** Heap and array buffers in one: an isolate has no process for itself, and tells no more of its memory. */
function memoryUsage(): Record<string, number> {
  const used = usedMemory();
  return { rss: used, heapTotal: used, heapUsed: used, external: 0, arrayBuffers: 0 };
}
memoryUsage.rss = (): number => usedMemory();

/** Milliseconds of CPU time that the call has left. */
function cpuTimeLeft(): number {
  const budget = callSync('budget', '');
  return typeof budget === 'string' ? Number(readFrame(budget)[0]) : 0;
}
let cpuTimeAtFirst: number | undefined;

/** CPU time since it was first asked for, in microseconds; that of the system is in it. */
function cpuUsage(previous?: { readonly user: number }): { user: number; system: number } {
  const left = cpuTimeLeft();
  cpuTimeAtFirst ??= left;
  return { user: Math.max(0, Math.round((cpuTimeAtFirst - left) * 1_000) - (previous?.user ?? 0)), system: 0 };
}

interface WarningOptions {
  readonly type?: string;
  readonly code?: string;
}

/** Warnings are log lines. */
function emitWarning(warning: unknown, options: WarningOptions | string = {}, code?: string): void {
  const { type = 'Warning', code: ownCode = code } = typeof options === 'string' ? { type: options } : options;
  const text = warning instanceof Error ? String(warning) : `${type}: ${String(warning)}`;
  log('warn', ownCode === undefined ? text : `[${ownCode}] ${text}`);
}

/** There is one module system, and nothing to be set. */
const features = {
  inspector: false,
  debug: false,
  uv: false,
  ipv6: true,
  tls: false,
  typescript: false,
  require_module: false,
};

function withoutEffect(this: unknown): unknown {
  return this;
}

export const process = {
  title: 'isohost',
  version: 'v26.0.0',
  versions: { node: '26.0.0' },
  release: { name: 'node' },
  arch: 'x64',
  platform: 'linux',
  pid: 1,
  ppid: 0,
  argv: [] as string[],
  execArgv: [] as string[],
  execPath: '/usr/bin/node',
  exitCode: undefined as number | undefined,
  browser: false,
  argv0: 'node',
  config: Object.freeze({ target_defaults: {}, variables: {} }),
  debugPort: 0,
  features,
  report: undefined,
  sourceMapsEnabled: false,
  allowedNodeEnvironmentFlags: new Set<string>(),
  env: textOnly({ ...settings().env }),
  stdout: writableStdio('info', 1),
  stderr: writableStdio('error', 2),
  stdin: readableStdio(),
  hrtime,
  nextTick(callback: (...args: unknown[]) => void, ...args: unknown[]): void {
    assertFunction('callback', callback);
    queueMicrotask(() => callback(...args));
  },
  cwd: () => '/',
  umask: () => 0o22,
  uptime: () => (Date.now() - startedAt) / 1_000,
  emitWarning,
  memoryUsage,
  cpuUsage,
  constrainedMemory: (): number => settings().limits.memoryMiB * 2 ** 20,
  availableMemory: (): number => freeBytes(),
  getActiveResourcesInfo: (): string[] => [],
  getBuiltinModule: (name: unknown): object | undefined => findBuiltin(name),
  setSourceMapsEnabled(): void {},
  ref(): void {},
  unref(): void {},
  ...unavailableFunctions('node:process', 'a function has no process of its own', [
    'abort',
    'chdir',
    'dlopen',
    'execve',
    'kill',
    'loadEnvFile',
    'threadCpuUsage',
    'resourceUsage',
  ]),
  exit(code?: number): never {
    throw new Error(`process.exit(${code ?? ''}) is not possible in a function; return or throw instead`);
  },
  on: withoutEffect,
  once: withoutEffect,
  off: withoutEffect,
  addListener: withoutEffect,
  removeListener: withoutEffect,
  removeAllListeners: withoutEffect,
  emit: () => false,
  listeners: () => [],
  listenerCount: () => 0,
  prependListener: withoutEffect,
  hasUncaughtExceptionCaptureCallback: () => false,
  setUncaughtExceptionCaptureCallback(): never {
    throw unavailable('setUncaughtExceptionCaptureCallback of node:process', "use addEventListener('error', ...)");
  },
};

// Packages tell Node by it.
Object.defineProperty(process, Symbol.toStringTag, { configurable: true, value: 'process' });

export default process;
