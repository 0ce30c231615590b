/** Rejections that nobody handles, and errors that nobody catches. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { functionOf, handler, invoke, type TestSandbox, testSandbox } from '../../support/sandbox.ts';

let sandbox: TestSandbox;
beforeAll(async () => {
  sandbox = await testSandbox();
});
afterAll(() => sandbox.close());

const run = async (body: string) => {
  const { text, logs, ending } = await invoke(sandbox, handler(body));
  return { text, logs: logs.map((line) => line.text.split('\n')[0]), outcome: ending.outcome };
};
const listen = `const seen = [];
  addEventListener('unhandledrejection', (event) => { seen.push([event.reason.message, event.promise instanceof Promise, event.isTrusted, event.constructor.name]); event.preventDefault(); });
  const later = () => new Promise((resolve) => setTimeout(resolve, 20));`;

test('unhandledrejection tells of what async callbacks of timers, microtasks, listeners and waitUntil reject with', async () => {
  const { text, logs, outcome } = await run(`${listen}
    setTimeout(async () => { await null; throw new Error('timer'); });
    queueMicrotask(async () => { throw new Error('microtask'); });
    const target = new EventTarget();
    target.addEventListener('x', async () => { throw new Error('listener'); });
    target.dispatchEvent(new Event('x'));
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = async () => { port1.close(); throw new Error('handler'); };
    port2.postMessage('');
    ctx.waitUntil(Promise.reject(new Error('waitUntil')));
    await later();
    return Response.json(seen.sort());`);
  expect(outcome).toEqual({ kind: 'ok' });
  const messages = ['handler', 'listener', 'microtask', 'timer', 'waitUntil'];
  expect(JSON.parse(text)).toEqual(messages.map((message) => [message, true, true, 'PromiseRejectionEvent']));
  expect(logs).toEqual([]);
});

test('without a listener they are logged, and the call goes on', async () => {
  const { text, logs } = await run(`setTimeout(async () => { throw new TypeError('lost'); });
    await new Promise((resolve) => setTimeout(resolve, 20));
    return new Response('fine');`);
  expect(text).toBe('fine');
  expect(logs).toEqual(['Uncaught (in promise) TypeError: lost']);
});

test('it never tells of what is handled, or may be', async () => {
  const { text, logs } = await run(`${listen}
    const fails = async () => { throw new Error('caught'); };
    fails().catch(() => {});
    setTimeout(async () => { try { await fails(); } catch {} });
    setTimeout(() => { const promise = fails(); setTimeout(() => promise.catch(() => {}), 1); return promise; });
    onunhandledrejection = (event) => seen.push(event.reason.message);
    await later();
    return Response.json(seen);`);
  expect([text, logs]).toEqual(['[]', []]);
});

test('onerror gets the message and the error, and prevents with true', async () => {
  const { text, logs, outcome } = await run(`const seen = [];
    onerror = function (...args) { seen.push([this === globalThis, args.length, args[0], args[4] instanceof TypeError]); return true; };
    setTimeout(() => { throw new TypeError('timer'); });
    reportError(new TypeError('reported'));
    await new Promise((resolve) => setTimeout(resolve, 20));
    return Response.json(seen);`);
  expect(outcome).toEqual({ kind: 'ok' });
  expect(JSON.parse(text)).toEqual([
    [true, 5, 'Uncaught TypeError: reported', true],
    [true, 5, 'Uncaught TypeError: timer', true],
  ]);
  expect(logs).toEqual([]);
  const ended = await run(
    `onerror = () => false; setTimeout(() => { throw new TypeError('timer'); }); await new Promise(() => {});`,
  );
  expect(ended.outcome).toMatchObject({ kind: 'exception', error: { message: 'timer' } });
});

test('a listener that rejects itself does not go round', async () => {
  const { text, logs } = await run(`addEventListener('unhandledrejection', async () => { throw new Error('again'); });
    setTimeout(async () => { throw new Error('first'); });
    await new Promise((resolve) => setTimeout(resolve, 20));
    return new Response('fine');`);
  expect(text).toBe('fine');
  expect(logs).toEqual(['Uncaught (in promise) Error: first', 'Uncaught (in promise) Error: again']);
});

test('a listener is told of promises that nobody has handled at the end of a task, once, and of those that are later', async () => {
  const { text, logs } = await run(`const seen = [];
    addEventListener('unhandledrejection', (event) => { seen.push(['unhandled', event.reason.message]); event.preventDefault(); });
    onrejectionhandled = (event) => seen.push(['handled', event.reason.message, event.promise === late]);
    const late = Promise.reject(new Error('late'));
    Promise.reject(new Error('one')); new Promise((_, reject) => reject(new Error('two'))); new Promise(() => { throw new Error('three') });
    Promise.resolve().then(() => { throw new Error('four') });
    await later();
    late.catch(() => {});
    await later();
    return Response.json(seen);
    function later() { return new Promise((resolve) => setTimeout(resolve, 20)) }`);
  expect(logs).toEqual([]);
  expect((JSON.parse(text) as unknown[]).sort()).toEqual([
    ['handled', 'late', true],
    ...['four', 'late', 'one', 'three', 'two'].map((message) => ['unhandled', message]),
  ]);
});

test('a listener is not told of what is awaited, returned, adopted or raced', async () => {
  const { text, logs } = await run(`const seen = [];
    addEventListener('unhandledrejection', (event) => seen.push(String(event.reason)));
    const fails = () => Promise.reject(new Error('handled'));
    const quiet = async (f) => { try { await f() } catch {} };
    await quiet(fails);
    await quiet(async () => fails());
    await quiet(async () => { for await (const x of [fails()]) x; });
    await quiet(() => Promise.all([fails(), fails()]));
    await quiet(() => Promise.race([fails(), new Promise(() => {})]));
    await quiet(() => new Promise((resolve) => resolve(fails())));
    await quiet(() => fails().finally(() => {}));
    await quiet(() => new ReadableStream({ pull: () => fails() }).getReader().read());
    await quiet(() => new Response(new ReadableStream({ pull: () => fails() })).text());
    await quiet(async () => { const { readable, writable } = new TransformStream({ transform: () => fails() }); const w = writable.getWriter(); const r = readable.getReader(); r.closed.catch(() => {}); w.closed.catch(() => {}); w.ready.catch(() => {}); await Promise.all([w.write(1), r.read()]); });
    const kept = fails(); queueMicrotask(() => kept.catch(() => {}));
    class Own extends Promise {} await quiet(() => Own.reject(new Error('own')));
    const p = new Promise(() => {});
    await new Promise((resolve) => setTimeout(resolve, 20));
    return Response.json([seen, p instanceof Promise, p.constructor === Promise, (async () => {})() instanceof Promise, Promise.resolve(p) === p]);`);
  expect([JSON.parse(text), logs]).toEqual([[[], true, true, true, true], []]);
});

test('a call that is over before the end of the task keeps nothing from the next one of its isolate', async () => {
  const fn = functionOf(
    handler(`if (!globalThis.seen) { globalThis.seen = []; addEventListener('unhandledrejection', (event) => { seen.push(event.reason.message); event.preventDefault(); }); }
      Promise.reject(new Error(String(seen.calls = (seen.calls ?? 0) + 1)));
      if (seen.calls > 1) await new Promise((resolve) => setTimeout(resolve, 20));
      return Response.json(seen);`),
    {},
    { freshness: 'reuse' },
  );
  expect((await invoke(sandbox, fn)).text).toBe('[]');
  expect((await invoke(sandbox, fn)).text).toBe('["2"]');
});
