/** The part of Node's `process` that libraries look at: variables that were granted, a clock, and names that identify nothing. */
import { log, queueMicrotask, settings, currentInvocation } from '../core/facade.ts';

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

/** Lines written to the standard streams become log lines. */
function stream(level: 'info' | 'error') {
  return {
    isTTY: false,
    write(text: unknown): boolean {
      log(currentInvocation()?.id ?? 0, level, `${text as string}`.replace(/\n$/, ''));
      return true;
    },
  };
}

/** Variables are text: what is assigned becomes it. */
function textOnly(variables: Record<string, string>): Record<string, string> {
  return new Proxy(variables, {
    set: (target, name, value) => Reflect.set(target, name, `${value as string}`),
  });
}

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
  env: textOnly({ ...settings().env }),
  stdout: stream('info'),
  stderr: stream('error'),
  hrtime,
  nextTick(callback: (...args: unknown[]) => void, ...args: unknown[]): void {
    queueMicrotask(() => callback(...args));
  },
  cwd: () => '/',
  umask: () => 0o22,
  uptime: () => (Date.now() - startedAt) / 1_000,
  emitWarning(warning: unknown): void {
    log(currentInvocation()?.id ?? 0, 'warn', String(warning));
  },
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
};

export default process;
