/**
 * Runs the runtime once on the host, in a context of its own, so that the code cache made afterwards holds what an invocation needs.
 * The functions that are "called" here are these samples of ours; user code never runs on the host.
 */
import { encodeFrame, type GuestSettings, message } from '../wire.ts';
import type { create } from './core/index.ts';
import type { Response as GuestResponse } from './parts/fetch.ts';

type Boot = ReturnType<typeof create>;
type Module = { exports: unknown };

const samples: Readonly<Record<string, (module: Module, settings: GuestSettings) => void>> = {
  'dialect-web': (module) => {
    const { Response } = globalThis as unknown as { Response: typeof GuestResponse };
    void new Response('ok');
    module.exports = { default: () => new Response('ok', { headers: { 'content-type': 'text/plain' } }) };
  },
  'dialect-kubeless': (module, { dialectSettings }) => {
    module.exports = { [String(dialectSettings['handler'])]: () => 'ok' };
  },
};

export function warmUp(
  boot: Boot,
  settings: GuestSettings,
  globals: readonly string[],
  builtins: readonly string[],
): void {
  const pending = new Promise<never>(() => {});
  const port = { apply: () => pending };
  const isolate = { getHeapStatisticsSync: () => ({ used_heap_size: 0, externally_allocated_size: 0 }) };
  const bundle = (module: Module, _exports: unknown, require: (name: string) => object): void => {
    for (const name of globals) void (globalThis as Record<string, unknown>)[name];
    for (const name of builtins) require(name);
    samples[settings.dialect]!(module, settings);
  };
  const open = boot(
    port,
    () => {},
    () => undefined,
    isolate,
    JSON.stringify(settings),
    bundle,
  );
  const [evaluate, request] = [`${message.evaluate}1`, message.request + requestFrame()];
  const fence = Promise.resolve('');
  void open(Promise.resolve(evaluate), fence, Promise.resolve(request), Promise.resolve(''));
}

function requestFrame(): string {
  return encodeFrame([
    '1',
    'GET',
    'http://localhost/',
    encodeFrame(['host', 'localhost', 'accept', '*/*']),
    '0',
    '',
    '127.0.0.1',
  ]);
}
