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
  /** The parts in the script. */
  readonly parts: readonly string[];
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
  return warmUp(input).script.createCachedData();
}

/** What was not as it should be when the script was warmed up: some of its code is missing in the cache then. */
export function warmUpProblems(input: WarmUpInput): string[] {
  return warmUp(input).problems;
}

function warmUp(input: WarmUpInput): { script: Script; problems: string[] } {
  const script = new Script(input.source, { filename: runtimeFileName });
  const problems = withoutBaselineCode(() => levels.map((trust) => runOnce(script, input, trust)));
  return { script, problems: problems.filter((problem) => problem !== undefined) };
}

const levels = ['untrusted', 'trusted'] as const satisfies readonly GuestSettings['trust'][];

function runOnce(
  script: Script,
  { warmUp: code, dialect, parts, globals, builtins }: WarmUpInput,
  trust: GuestSettings['trust'],
): string | undefined {
  // An ordinary global object, and a microtask queue of its own that is empty when `runInContext` returns.
  const context = createContext(constants.DONT_CONTEXTIFY, { microtaskMode: 'afterEvaluate' });
  const boot: unknown = script.runInContext(context);
  const settings: GuestSettings = {
    dialect,
    name: 'warm-up',
    env: {},
    kv: parts.includes('storage') ? ['sample'] : [],
    trust,
    limits: defaultLimits,
    dialectSettings: { handler: 'handler' },
  };
  Object.assign(context, { args: [boot, { settings, parts, globals, builtins }] });
  const findProblem = new Script(
    `(function(module){(function(module,exports){${code}\n})(module,module.exports);return module.exports.warmUp(...args)})({exports:{}})`,
  ).runInContext(context) as () => string | undefined;
  return findProblem();
}

/** Flags with which there is none anyway. */
const withoutBaseline = /sparkplug|jitless|lite-mode|max-opt/;

/**
 * V8 notes in a cache which functions it has found worth compiling to machine code, and does that again in every isolate that takes the
 * cache: half a millisecond for functions that run for a few microseconds.
 */
function withoutBaselineCode<T>(run: () => T): T {
  const isOff = withoutBaseline.test([...process.execArgv, process.env['NODE_OPTIONS'] ?? ''].join(' '));
  return isOff ? run() : withoutFlag('sparkplug', run);
}
