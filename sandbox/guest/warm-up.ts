/**
 * Runs the runtime on the host, in a context of its own, so that the code cache made afterwards holds what an invocation needs. The functions
 * that are "called" here are these samples of ours; user code never runs on the host.
 *
 * V8 puts into the cache what has run, and each isolate compiles the rest for itself when it needs it: ten times as slow as reading it. But
 * what is in the cache is read by each isolate, whether needed or not. So the samples do what most functions do that name a part.
 */
import { answer, bodyKind, encodeFrame, type GuestSettings, message, post, readFrame } from '../wire.ts';
import type { create } from './core/index.ts';

type Boot = ReturnType<typeof create>;
type Module = { exports: unknown };
/** Whatever the guest's globals are: their own types are those of their parts. */
// oxlint-disable-next-line typescript/no-explicit-any
type Loose = any;

/** What a sample is given: the globals of its realm, and what its dialect hands to a handler. */
interface Scene {
  readonly globals: Readonly<Record<string, Loose>>;
  readonly env: Readonly<Record<string, Loose>>;
  readonly event: { readonly extensions: { readonly request: Loose; readonly response: Loose } };
}

export interface Sample {
  readonly settings: GuestSettings;
  /** The parts in the image, and the names by which functions reach them. */
  readonly parts: readonly string[];
  readonly globals: readonly string[];
  readonly builtins: readonly string[];
}

/** What functions do with a part. */
const uses: Readonly<Record<string, (scene: Scene) => unknown>> = {
  base64: ({ globals: { atob, btoa } }) => btoa(atob('b2s=')),
  blob: ({ globals: { FormData } }) => new FormData().append('name', 'value'),
  console: ({ globals: { console } }) => console.log('ok', { ok: [1] }),
  crypto: ({ globals: { crypto } }) => crypto.randomUUID(),
  encoding: ({ globals: { TextDecoder, TextEncoder } }) => new TextDecoder().decode(new TextEncoder().encode('ok')),
  events: ({ globals: { AbortController } }) => new AbortController().abort(),
  async 'fetch-client'({ globals: { fetch } }) {
    const headers = { 'content-type': 'application/json' };
    await (await fetch('http://localhost/', { method: 'POST', headers, body: '{}' })).json();
  },
  'kubeless-http'({ event: { extensions } }) {
    const { request, response } = extensions;
    void [request.headers['host'], request.get('host'), request.query, request.path];
    response.setHeader('x-sample', 'ok');
    response.status(200).set('x-sample', 'ok').json({ ok: 1 });
  },
  'node-buffer': ({ globals: { Buffer } }) => Buffer?.from('ok').toString('base64'),
  performance: ({ globals: { performance } }) => performance.now(),
  async storage({ env: { sample } }) {
    await sample?.get('key');
    await sample?.put('key', 'value');
  },
  async streams({ globals: { ReadableStream } }) {
    const stream = new ReadableStream({
      pull(controller: Loose) {
        controller.enqueue(new Uint8Array(1));
        controller.close();
      },
    });
    const reader = stream.getReader();
    while (!(await reader.read()).done);
  },
  'structured-clone': ({ globals: { structuredClone } }) => structuredClone({ ok: [1] }),
  async subtle({ globals: { crypto } }) {
    const bytes = new Uint8Array(4);
    const hmac = { name: 'HMAC', hash: 'SHA-256' };
    await crypto.subtle.digest('SHA-256', bytes);
    const key = await crypto.subtle.importKey('raw', bytes, hmac, false, ['sign', 'verify']);
    await crypto.subtle.verify('HMAC', key, await crypto.subtle.sign('HMAC', key, bytes), bytes);
    await crypto.subtle.importKey('spki', bytes, { name: 'ECDSA', namedCurve: 'P-256' }, false, ['verify']);
  },
  url({ globals: { URL } }) {
    const { pathname, searchParams } = new URL('http://localhost/path?name=value');
    return [pathname, searchParams.get('name')];
  },
};

async function useAll(parts: readonly string[], scene: Scene): Promise<void> {
  for (const name of parts) await uses[name]?.(scene);
}

const dialects: Readonly<Record<string, (module: Module, sample: Sample, globals: Scene['globals']) => void>> = {
  'dialect-web'(module, { parts }, globals) {
    const { Response } = globals;
    void new Response('ok');
    module.exports = {
      default: {
        async fetch(request: Loose, env: Scene['env']) {
          request.headers.get('accept');
          if (request.method === 'POST') return Response.json(await request.json());
          await useAll(parts, { globals, env, event: undefined! });
          return new Response('ok', { headers: { 'content-type': 'text/plain' } });
        },
      },
    };
  },
  'dialect-kubeless'(module, { parts, settings: { dialectSettings } }, globals) {
    module.exports = {
      async [String(dialectSettings['handler'])](event: Scene['event'] & { readonly data: object }) {
        if (Object.hasOwn(event.data, 'ok')) return event.data;
        await useAll(parts, { globals, env: {}, event });
        return 'ok';
      },
    };
  },
};

/** What the host answers; by name of the operation. */
const results: Readonly<Record<string, string>> = {
  fetch: encodeFrame(['200', 'OK', 'http://localhost/', '0', encodeFrame(['content-type', 'application/json']), '1']),
  gather: '{"ok":1}',
  storage: encodeFrame([bodyKind.text, 'value', '']),
  subtle: '{"$":"key","value":1,"type":"public","extractable":false,"usages":["verify"],"algorithm":{"name":"ECDSA"}}',
};
/** Messages that samples may be sent beside the first. */
const spareMessages = 40;
/** Turns of the microtask queue until everything that a message sets off has run. */
const longTurn = 100;

/** Answers, once all microtasks have run, what was not as it should be. */
export function warmUp(boot: Boot, sample: Sample): () => string | undefined {
  const { settings, globals, builtins } = sample;
  const requests = [requestFrame('1', 'GET', bodyKind.none, ''), requestFrame('2', 'POST', bodyKind.text, '{"ok":1}')];
  const calls = requests.length;
  const messages: ((text: string) => void)[] = [];
  const answers: string[] = [];
  const missing: unknown[] = [];
  const onPost = (kind: number, ...rest: unknown[]): void => {
    if (kind === post.call) {
      const [, id, operation] = rest;
      messages.shift()?.(message.settle + encodeFrame([String(id), '1', results[String(operation)] ?? '']));
    }
    const [given, head] = kind === post.turn ? rest.slice(4) : kind === post.head ? [answer.response, rest[1]] : [];
    if (given === undefined || given === answer.none) return;
    answers.push(`${String(given)} ${readFrame(head as string)[0]!}`);
    callNext();
  };
  const onCall = (_invocation: number, operation: string, argument: unknown): unknown => {
    if (operation === 'random') return new Uint8Array(Number(argument));
    if (operation === 'part') missing.push(argument);
    if (operation === 'subtle.quick') return String(argument).startsWith('["verify"') ? 'true' : new Uint8Array(32);
    return undefined;
  };
  const bundle = (module: Module, _exports: unknown, require: (name: string) => object): void => {
    const realm: Scene['globals'] = globalThis;
    for (const name of globals) void realm[name];
    for (const name of builtins) require(name);
    dialects[settings.dialect]!(module, sample, realm);
  };
  const callNext = (): void => {
    const request = requests.shift();
    if (request !== undefined) messages.shift()!(message.request + request);
  };
  const isolate = { getHeapStatisticsSync: () => ({ used_heap_size: 0, externally_allocated_size: 0 }) };
  const port = { apply: () => new Promise<never>(() => {}) };
  const open = boot(port, onPost, onCall, isolate, JSON.stringify(settings), bundle);
  const pairs: Promise<unknown>[] = [];
  const pair = (arrival: Promise<unknown>): void => void pairs.push(arrival, arrival.then(restOfTurn));
  pair(Promise.resolve(`${message.evaluate}1`));
  for (let count = 0; count < spareMessages; count += 1) {
    pair(new Promise((resolve) => messages.push(resolve)));
  }
  void open(...pairs);
  callNext();
  return () => {
    if (missing.length > 0) return `parts were missing: ${missing.join()}`;
    const isFine = answers.length === calls && answers.every((text) => text === `${answer.response} 200`);
    return isFine ? undefined : `it answered ${answers.join(', ') || 'nothing'}`;
  };
}

async function restOfTurn(): Promise<void> {
  for (let count = 0; count < longTurn; count += 1) await undefined;
}

function requestFrame(id: string, method: string, kind: string, body: string): string {
  const headers = ['host', 'localhost', 'accept', '*/*', 'content-type', 'application/json'];
  return encodeFrame([id, method, 'http://localhost/', encodeFrame(headers), kind, body, '127.0.0.1']);
}
