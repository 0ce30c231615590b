/** The types of what a function finds: those of the guest, no more and no less. */
import { execFile } from 'node:child_process';
import { cp, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { temporaryFolder } from '../support/files.ts';
import { type TestSandbox, testSandbox } from '../support/sandbox.ts';
import { guestShape, type Shape } from './guest-shape.ts';
import { readReadme } from '../support/readme.ts';
import { webTypes } from './web-types.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const read = (name: string): Promise<string> => readFile(`${root}types/${name}`, 'utf8');
let sandbox: TestSandbox;
let shapes: Record<string, Shape>;

beforeAll(async () => {
  sandbox = await testSandbox();
  shapes = await guestShape(sandbox);
});
afterAll(() => sandbox.close());

test('of the Web platform are those that the runtime calls for; "npm run web-types" writes them', async () => {
  expect(await webTypes(shapes)).toBe(await read('web.d.ts'));
});

test('declare every global that there is, and none that there is not', async () => {
  const declared = new Set<string>();
  for (const file of ['web.d.ts', 'globals.d.ts']) {
    for (const [, name] of (await read(file)).matchAll(/^declare (?:var|function|namespace) (\w+)/gm))
      declared.add(name!);
  }
  expect([...declared].toSorted()).toEqual(Object.keys(shapes).toSorted());
});

test('of what is declared by hand have the members that there are', async () => {
  const text = await read('globals.d.ts');
  for (const name of ['Navigator', 'QuotaExceededError']) {
    const body = new RegExp(`^interface ${name} .*?\\{([\\s\\S]*?)^\\}`, 'm').exec(text)![1]!;
    for (const [, member] of body.matchAll(/^ {2}readonly (\w+)/gm)) expect(shapes[name]!.members).toContain(member);
  }
  const navigator = shapes['Navigator']!.members.filter((name) => name !== 'constructor');
  for (const name of navigator) expect(text).toContain(`readonly ${name}:`);
});

/** What compiles, and below each `@ts-expect-error` what must not. */
const examples: Readonly<Record<string, string>> = {
  'handlers.ts': `
    import type { ExportedFunction, FunctionContext, FunctionHandler, KVNamespace } from 'isohost/function';
    interface Env { GREETING: string; NOTES: KVNamespace }
    export const plain: FunctionHandler = (request, env) => new Response(env['GREETING'] + request.url);
    export const ctx: FunctionHandler<Env> = async (request, env, { waitUntil, budget }) => {
      const left: number = budget.cpuTimeMs + budget.memoryBytes;
      const note: string | null = await env.NOTES.get('a');
      const parsed = await env.NOTES.get<{ x: number }>('a', 'json');
      const bytes: ArrayBuffer | null = await env.NOTES.get('a', 'arrayBuffer');
      const { keys, list_complete, cursor } = await env.NOTES.list<{ by: string }>({ prefix: 'a' });
      await env.NOTES.put('a', 'b', { expirationTtl: 60, metadata: { by: 'x' } });
      request.signal.addEventListener('abort', () => console.log('gone', left, note, parsed?.x, bytes, keys[0]?.metadata?.by, list_complete, cursor));
      return fetch('https://example.org', { method: 'POST', body: request.body, duplex: 'half', signal: request.signal });
    };
    export default { fetch: (request, env, context: FunctionContext) => { context.waitUntil(env.NOTES.delete('x')); return new Response(); } } satisfies ExportedFunction<Env>;
    // @ts-expect-error no response
    export const text: FunctionHandler = () => 'text';
    // @ts-expect-error not in the environment
    export const unknown: FunctionHandler<Env> = (_, env) => new Response(env.OTHER);
    // @ts-expect-error no form of a value
    export const form: FunctionHandler<Env> = async (_, env) => new Response(String(await env.NOTES.get('a', 'xml')));
    // @ts-expect-error no member of the context
    export const member: FunctionHandler<Env> = (_, env, context) => new Response(context.nothing);`,
  'platform.ts': `
    export const stream = new Blob(['x']).stream().pipeThrough(new CompressionStream('brotli')).pipeThrough(new DecompressionStream('brotli'));
    export const text = async (): Promise<string> => { let all = ''; for await (const chunk of stream) all += new TextDecoder('shift_jis').decode(chunk); return all; };
    export const digest: Promise<ArrayBuffer> = crypto.subtle.digest('SHA-256', new TextEncoder().encode('x'));
    export const id: string = crypto.randomUUID();
    const form = new FormData(); form.append('f', new File(['x'], 'x.txt'));
    for (const [name, value] of form) console.log(name, value instanceof File ? value.name : value);
    for (const [name] of new Headers({ a: 'b' })) console.table([name]);
    export const pattern = new URLPattern({ pathname: '/:x' }).exec('http://a/b')?.pathname.groups['x'];
    const timer: number = setTimeout((x: string) => console.log(x), 1, 'x'); clearTimeout(timer); queueMicrotask(() => {});
    export const copy: { a: number } = structuredClone({ a: 1 });
    new EventTarget().dispatchEvent(new CustomEvent('x', { detail: 1 }));
    addEventListener('error', (event) => console.error(event.message));
    const { port1, port2 } = new MessageChannel(); port1.onmessage = ({ data }) => console.log(data); port2.postMessage(1);
    performance.mark('a'); export const time: number = performance.now();
    export const signal = AbortSignal.any([AbortSignal.timeout(5), new AbortController().signal]);
    navigator.locks.request('x', async () => caches.default.match('http://x'));
    export const from: ReadableStream<number> = ReadableStream.from([1]);
    export const memory = new WebAssembly.Memory({ initial: 1, maximum: 2 });
    export const own: boolean = self === globalThis;
    export const bytes: Promise<Uint8Array> = new Response('x').bytes();
    const { 0: client, 1: server } = new WebSocketPair(); server.accept(); server.addEventListener('message', ({ data }) => server.send(data));
    const [one] = new WebSocketPair(); one.accept(); export const within: Promise<void> = scheduler.wait(5, { signal: AbortSignal.timeout(5) });
    export const fixed: ReadableStream<Uint8Array> = new FixedLengthStream(5n).readable; new IdentityTransformStream({ highWaterMark: 5 }).writable.getWriter().write('x');
    export const sum: Promise<ArrayBuffer> = new crypto.DigestStream('SHA-256').digest; export const equal: boolean = crypto.subtle.timingSafeEqual(new Uint8Array(1), new Uint8Array(1));
    export const least = new Response('x').body?.getReader({ mode: 'byob' }).readAtLeast(1, new Uint8Array(1));
    export const upgrade = new Response(null, { status: 101, webSocket: client });
    new EventSource('http://x').onmessage = ({ data }) => console.log(data); new WebSocket('ws://x').close(1000, 'x');
    export const both: Response = Response.json({ a: btoa(atob('YQ==')) });
    export const error = new DOMException('x', 'AbortError').name;`,
  'missing.ts': `
    // @ts-expect-error
    document;
    // @ts-expect-error
    window;
    // @ts-expect-error
    process.env;
    // @ts-expect-error
    Buffer.from('x');
    // @ts-expect-error
    require('fs');
    // @ts-expect-error
    localStorage;
    // @ts-expect-error
    new Worker('x');
    // @ts-expect-error
    new XMLHttpRequest();
    // @ts-expect-error
    new FileReader();
    // @ts-expect-error
    indexedDB;
    // @ts-expect-error
    importScripts('x');
    // @ts-expect-error
    postMessage(1);
    // @ts-expect-error
    setImmediate(() => {});
    // @ts-expect-error
    navigator.serviceWorker;
    // @ts-expect-error
    new OffscreenCanvas(1, 1);
    // @ts-expect-error
    performance.timing;`,
  'imports.ts': `
    import page from './page.html';
    import query from './query.sql';
    export const all: string = page + query;
    // @ts-expect-error no text
    import image from './image.png';
    export { image };`,
};

/** README shows one, too. */
const ofReadme = /```ts\n(\/\/\/ <reference types="isohost\/function"[\s\S]*?)```/.exec(readReadme())![1]!;

describe('a project without other types', () => {
  test.each([
    ['names them in its tsconfig.json', ['isohost/function'], ''],
    ['names them in a file', [], '/// <reference types="isohost/function" />'],
  ])('that %s compiles as far as it should', async (_, types, first) => {
    await using project = await temporaryFolder({
      'package.json': '{"type":"module"}',
      'tsconfig.json': JSON.stringify({
        compilerOptions: { lib: ['esnext'], target: 'esnext', module: 'nodenext', strict: true, noEmit: true, types },
        include: ['*.ts'],
      }),
      'node_modules/isohost/package.json': await readFile(`${root}package.json`, 'utf8'),
      'readme.ts': ofReadme,
      ...Object.fromEntries(Object.entries(examples).map(([name, code]) => [name, `${first}\nexport {};\n${code}`])),
    });
    await cp(`${root}types`, project.file('node_modules/isohost/types'), { recursive: true });
    const { stdout } = await promisify(execFile)(`${root}node_modules/.bin/tsc`, ['-p', project.path]).catch(
      (error: { stdout: string }) => error,
    );
    expect(stdout).toBe('');
  });
});
