/** Modules that are trouble before anybody calls them. */
import { type HostileCase, moduleCase } from '../hostile-case.ts';

const handler = 'module.exports = async () => new Response("x")';

export const startUpCases: readonly HostileCase[] = [
  moduleCase('start-up: a loop', 'exceededCpu', 'for (;;);'),
  moduleCase(
    'start-up: a loop in a microtask',
    'exceededCpu',
    `Promise.resolve().then(() => { for (;;); }); ${handler}`,
  ),
  moduleCase('start-up: memory', ['exceededMemory', 'exceededCpu'], 'const a = []; for (;;) a.push(new Array(1000))'),
  moduleCase('start-up: an error', 'exception', 'throw new Error("x")'),
  moduleCase(
    'start-up: a value that is thrown',
    'exception',
    'throw { toString() { throw 1 }, get message() { throw 2 } }',
  ),
  moduleCase('start-up: recursion', 'exception', '(function f() { f() })()'),
  moduleCase('start-up: a syntax error', 'exception', 'const = 5'),
  moduleCase(
    'start-up: another script behind the end of this one',
    ['exception', 'ok'],
    `${handler}\n})\n;(function(module, exports, require) {`,
  ),
  moduleCase('start-up: nothing exported', 'exception', ''),
  moduleCase('start-up: null exported', 'exception', 'module.exports = null'),
  moduleCase('start-up: a getter that loops', 'exceededCpu', 'module.exports = { get fetch() { for (;;); } }'),
  moduleCase(
    'start-up: a getter that throws',
    'exception',
    'module.exports = { get fetch() { throw new Error("x") } }',
  ),
  moduleCase(
    'start-up: a proxy exported',
    ['exception', 'exceededCpu'],
    'module.exports = new Proxy({}, { get() { for (;;); }, has() { for (;;); } })',
  ),
  moduleCase(
    'start-up: a hundred thousand exports',
    ['exception', 'exceededCpu'],
    'for (let i = 0; i < 1e5; i++) exports["e" + i] = i',
  ),
  moduleCase('start-up: a class exported', 'exception', 'module.exports = class A {}'),
  moduleCase('start-up: a loading that never ends', 'neverSettles', 'return new Promise(() => {})'),
  moduleCase(
    'start-up: a loading that takes too long',
    'exceededWallTime',
    'return new Promise((r) => setTimeout(r, 60_000))',
  ),
  moduleCase(
    'start-up: a loading that fails later',
    'exception',
    'return new Promise((_, r) => setTimeout(() => r(new Error("x")), 10))',
  ),
  moduleCase('start-up: a thenable that loops', 'exceededCpu', 'return { then() { for (;;); } }'),
  moduleCase(
    'start-up: an expression that is nested deeply',
    ['exception', 'exceededMemory', 'crashed', 'exceededCpu'],
    `module.exports = ${'('.repeat(20_000)}1${')'.repeat(20_000)}`,
  ),
  moduleCase(
    'start-up: an array that is nested deeply',
    ['exception', 'exceededMemory', 'crashed', 'exceededCpu'],
    `module.exports = ${'['.repeat(20_000)}${']'.repeat(20_000)}`,
  ),
  moduleCase('start-up: a text of a megabyte', 'ok', `const text = "${'x'.repeat(1_000_000)}"; ${handler}`, {
    text: 'x',
  }),
  moduleCase(
    'start-up: ten thousand functions',
    ['ok', 'exceededCpu'],
    `${Array.from({ length: 10_000 }, (_, i) => `function f${i}() { return ${i} }`).join('\n')}\n${handler}`,
    { memoryMiB: 64 },
  ),
  moduleCase(
    'start-up: timers before the first call',
    'ok',
    `for (let i = 0; i < 100; i++) setTimeout(() => {}, 1); ${handler}`,
    { text: 'x' },
  ),
  moduleCase(
    'start-up: too many timers before the first call',
    'exception',
    `for (let i = 0; i < 101; i++) setTimeout(() => {}, 1); ${handler}`,
  ),
  moduleCase('start-up: a pattern with a syntax error', 'exception', 'new RegExp("(")'),
];
