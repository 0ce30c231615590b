import { constants, createContext, Script } from 'node:vm';
import { withoutFlag } from './engine-flags.ts';
import { defaultLimits } from './limits.ts';
import type { GuestSettings } from './wire.ts';

/** File name of the guest runtime in stack traces; frames with it are not shown to users. */
export const runtimeFileName = 'isohost:runtime';

/** What it takes to run the guest runtime once outside of an isolate. All of it is code of ours. */
export interface WarmUpInput {
  /** The start-up script of isolates. */
  readonly source: string;
  readonly warmUp: string;
  readonly dialect: string;
  /** Names to touch, so that the parts behind them are loaded. */
  readonly globals: readonly string[];
  readonly builtins: readonly string[];
}

/**
 * The V8 code cache of the runtime's start-up script, made after the script has served a sample request in a context of its own: code
 * that has run is in the cache, compiled. (The cache that isolated-vm itself produces is made before anything has run, and holds next
 * to nothing.)
 */
export function makeWarmCache(input: WarmUpInput): Buffer {
  const script = new Script(input.source, { filename: runtimeFileName });
  withoutBaselineCode(() => {
    for (const trust of ['untrusted', 'trusted'] as const) runOnce(script, input, trust);
  });
  return script.createCachedData();
}

function runOnce(
  script: Script,
  { warmUp, dialect, globals, builtins }: WarmUpInput,
  trust: GuestSettings['trust'],
): void {
  // An ordinary global object, and a microtask queue of its own that is empty when `runInContext` returns.
  const context = createContext(constants.DONT_CONTEXTIFY, { microtaskMode: 'afterEvaluate' });
  const boot: unknown = script.runInContext(context);
  const settings: GuestSettings = {
    dialect,
    name: 'warm-up',
    env: {},
    kv: [],
    trust,
    isShared: false,
    limits: defaultLimits,
    dialectSettings: { handler: 'handler' },
  };
  Object.assign(context, { args: [boot, settings, globals, builtins] });
  new Script(
    `(function(module){(function(module,exports){${warmUp}\n})(module,module.exports);module.exports.warmUp(...args)})({exports:{}})`,
  ).runInContext(context);
}

/** Flags with which there is none anyway. */
const withoutBaseline = /sparkplug|jitless|lite-mode|max-opt/;

/**
 * V8 notes in a cache which functions it has found worth compiling to machine code, and does that again in every isolate that takes the
 * cache: half a millisecond for functions that run for a few microseconds.
 */
function withoutBaselineCode(run: () => void): void {
  if (withoutBaseline.test([...process.execArgv, process.env['NODE_OPTIONS'] ?? ''].join(' '))) run();
  else withoutFlag('sparkplug', run);
}
