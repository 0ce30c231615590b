/** Code that looks for something that it should not have. */
import { handlerCase, type HostileCase, type HostileOutcome, moduleCase } from '../hostile-case.ts';

/** The handler answers what it got hold of; that must be this. */
const finds = (
  name: string,
  text: string,
  body: string,
  options: Parameters<typeof handlerCase>[3] = {},
): HostileCase => handlerCase(`escape: ${name}`, 'ok', body, { text, ...options });

const noCode = 'EvalError';
const generates = (name: string, expression: string): HostileCase[] => [
  finds(
    name,
    noCode,
    `try { const p = await (${expression}); return new Response('got ' + typeof p) } catch (e) { return new Response(e.name) }`,
  ),
  finds(
    `${name} (trusted)`,
    'ReferenceError',
    `try { const p = await (${expression}); return new Response('got ' + typeof p) } catch (e) { return new Response(e.name) }`,
    { trust: 'trusted' },
  ),
];

/** Notes everything that passes through built-ins while the runtime works, and looks for objects of isolated-vm among it. */
const spy = `
  const caught = [];
  const { apply, defineProperty } = Reflect;
  const { push } = Array.prototype;
  const keep = (value) => { apply(push, caught, [value]) };
  const watch = (original) => new Proxy(original, {
    apply(target, self, args) {
      keep(self);
      for (let i = 0; i < args.length; i++) keep(args[i]);
      const result = apply(target, self, args);
      keep(result);
      return result;
    },
  });
  for (const holder of [Function.prototype, Array.prototype, Promise.prototype, Object.prototype, String.prototype, Map.prototype, Uint8Array.prototype, ArrayBuffer.prototype, JSON, Reflect, Object, Promise, Symbol]) {
    for (const name of Object.getOwnPropertyNames(holder)) {
      const descriptor = Object.getOwnPropertyDescriptor(holder, name);
      if (name === 'constructor' || typeof descriptor.value !== 'function' || !descriptor.configurable) continue;
      defineProperty(holder, name, { ...descriptor, value: watch(descriptor.value) });
    }
  }
  for (const name of ['result', 'arguments', 'reference', 'timeout', 'promise', 'copy', 'transferIn'])
    defineProperty(Object.prototype, name, { configurable: true, get() { keep(this); return undefined }, set() {} });
  const found = () => {
    const names = ['applyIgnored', 'applySync', 'getHeapStatisticsSync', 'derefInto', 'copySync', 'createContext', 'copyInto'];
    let count = 0;
    for (let i = 0; i < caught.length; i++) {
      const value = caught[i];
      if (value === null || (typeof value !== 'object' && typeof value !== 'function')) continue;
      for (let j = 0; j < names.length; j++) if (names[j] in value) count++;
    }
    return caught.length > 30 ? String(count) : 'nothing was caught';
  };`;

const anything: readonly HostileOutcome[] = ['ok', 'exception', 'exceededCpu', 'neverSettles', 'exceededWallTime'];

export const escapeCases: readonly HostileCase[] = [
  ...generates('by the constructor of a function', `(() => {}).constructor('return process')()`),
  ...generates('by the constructor of an async function', `(async () => {}).constructor('return process')()`),
  ...generates('by the constructor of a generator', `(function* () {}).constructor('return process')().next().value`),
  ...generates(
    'by the constructor of an async generator',
    `(async function* () {}).constructor('yield process')().next()`,
  ),
  ...generates('by eval', `(0, eval)('process')`),
  ...generates('by Function', `Function('return process')()`),
  ...generates('by Reflect.construct', `Reflect.construct(Function, ['return process'])()`),
  ...generates(
    'by the constructor of a constructor',
    `this?.constructor?.constructor('return process')() ?? globalThis.constructor.constructor('return process')()`,
  ),
  ...generates('by the constructor of an error', `new Error().constructor.constructor('return process')()`),
  ...generates('by the constructor of the runtime’s functions', `setTimeout.constructor('return process')()`),
  ...generates('by the constructor of console.log', `console.log.constructor('return process')()`),
  ...generates('by the constructor of the request', `request.constructor.constructor('return process')()`),
  ...generates('by the constructor of ctx', `ctx.waitUntil.constructor('return process')()`),
  ...generates('by the constructor of a bound function', `(() => {}).bind().constructor('return process')()`),
  ...generates('by the constructor of a class', `(class {}).constructor('return process')()`),
  ...generates('by a subclass of Function', `new (class extends Function {})('return process')()`),
  ...generates('by Object.getPrototypeOf', `Object.getPrototypeOf(function () {}).constructor('return process')()`),
  finds(
    'names of Node',
    'undefined'.concat(',undefined'.repeat(9)),
    `return new Response(['process', 'require', 'module', 'global', 'Buffer', '__filename', 'ivm', 'Deno', 'Bun', 'importScripts'].map((n) => typeof globalThis[n]).join())`,
  ),
  finds(
    'modules',
    'refused,refused,refused,refused',
    `const names = ['fs', 'node:fs', 'file:///etc/passwd', 'data:text/javascript,1']; return new Response((await Promise.all(names.map((name) => import(name).then(() => 'loaded', () => 'refused')))).join())`,
  ),
  finds(
    'what is on the stack',
    'undefined',
    `Error.prepareStackTrace = (_, sites) => sites; const sites = new Error().stack; Error.prepareStackTrace = undefined; const kinds = new Set(sites.filter((s) => String(s.getFileName()).startsWith('isohost')).flatMap((s) => [typeof s.getThis(), typeof s.getFunction()])); return new Response([...kinds].join() || 'undefined')`,
  ),
  finds(
    'paths of the host',
    'false',
    `const stacks = []; for (const provoke of [() => new URL('x'), () => crypto.getRandomValues(5), () => structuredClone(() => {}), () => atob('*'), () => setTimeout(5), () => new Response('', { status: 5 })]) try { provoke() } catch (e) { stacks.push(String(e.stack)) } return new Response(String(/node_modules|node:|file:\\/\\/|\\.ts\\b|\\/home\\/|\\/work\\//.test(stacks.join())))`,
  ),
  moduleCase(
    'escape: the caller',
    'ok',
    'module.exports = function handler() { return new Response(String(handler.caller)) }',
    { text: 'null' },
  ),
  finds(
    'the source of native functions',
    'false',
    `return new Response(String(Reflect.ownKeys(globalThis).some((k) => { try { return /ivm|isolated/.test(String(globalThis[k])) } catch { return false } })))`,
  ),
  finds('another realm', 'undefined', `return new Response(typeof ShadowRealm)`),
  moduleCase(
    'escape: isolated-vm, by watching what the runtime calls',
    'ok',
    `${spy} module.exports = async (r) => { await new Promise((s) => setTimeout(s, 1)); console.log('x', { a: 1 }); crypto.randomUUID(); return new Response(found()) }`,
    { text: '0', memoryMiB: 64 },
  ),
  moduleCase(
    'escape: isolated-vm, by watching how bodies are read',
    'ok',
    `${spy} module.exports = async (r) => { await r.text(); return new Response(found()) }`,
    { text: '0', method: 'POST', bodyBytes: 40_000, memoryMiB: 64 },
  ),
  moduleCase(
    'escape: isolated-vm, by a promise that watches',
    anything,
    `const { then } = Promise.prototype; const seen = []; Promise.prototype.then = function (...a) { seen.push(this, ...a); return Reflect.apply(then, this, a) }; Object.defineProperty(Promise, Symbol.species, { get() { return class extends Promise {} } }); module.exports = async () => { await new Promise((s) => setTimeout(s, 1)); return new Response(String(seen.some((v) => v && typeof v === 'object' && 'applySync' in v))) }`,
  ),
  moduleCase(
    'escape: isolated-vm, by options of isolated-vm',
    'ok',
    `Object.prototype.reference = true; Object.prototype.arguments = { reference: true }; Object.prototype.result = { reference: true }; module.exports = async (r) => new Response(typeof (await r.text()))`,
    { text: 'string', method: 'POST', bodyBytes: 40_000 },
  ),
  finds('variables of the host', '{}', 'return Response.json(env)'),
  finds(
    'threads',
    'undefined,undefined,undefined',
    'return new Response([typeof Worker, typeof SharedArrayBuffer, typeof Atomics].join())',
  ),
  finds(
    'time below a millisecond',
    'true',
    'let fine = 0; for (let i = 0; i < 200; i++) { if (globalThis.Temporal !== undefined && Temporal.Now.instant().epochNanoseconds % 1_000_000n !== 0n) fine++; if (performance.now() % 1 !== 0) fine++ } return new Response(String(fine === 0))',
  ),
  finds(
    'a host object by its prototype',
    'true',
    'const p = Object.getPrototypeOf(Object.getPrototypeOf(request)); return new Response(String(p === Object.prototype))',
  ),
  ...[
    'Promise.prototype.then = () => {}',
    'Array.prototype[Symbol.iterator] = function* () {}',
    'Object.prototype.toJSON = () => "changed"',
    'Object.defineProperty(Promise, Symbol.species, { get() { throw 1 } })',
    'Object.defineProperty(Promise.prototype, "constructor", { get() { throw 1 } })',
    'Object.defineProperty(Object.prototype, "status", { set() { throw 1 } })',
    'Function.prototype.apply = Function.prototype.call = () => { throw 1 }',
    'Date.now = () => NaN',
    'for (const n of ["slice", "indexOf", "charCodeAt"]) String.prototype[n] = () => { throw 1 }',
    'globalThis.Error = globalThis.TypeError = class {}',
    'Reflect.apply = () => { throw 1 }',
    'Object.freeze(Object.prototype); Object.freeze(Array.prototype)',
    'Object.defineProperty(Object.prototype, "then", { get() { for (;;); } })',
    'delete globalThis.Promise',
    'globalThis.Uint8Array = class {}',
    'Object.setPrototypeOf(Array.prototype, null)',
    'JSON.stringify = () => "{}"',
    'Object.defineProperty(Array.prototype, 0, { set() { throw 1 } })',
    'Symbol.prototype[Symbol.toPrimitive] = 1',
    'Object.prototype.get = () => 5',
  ].map((change) =>
    moduleCase(
      `escape: a realm in which ${change.slice(0, 60)}`,
      [...anything, 'exceededMemory'],
      `${change}; module.exports = async (request) => new Response("x")`,
    ),
  ),
];
