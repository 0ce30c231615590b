/** Messages, locks, performance entries and the events of the global scope, as Node has them, or as the standards say. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectSame } from '../../support/same.ts';
import { functionOf, handler, invoke, type TestSandbox, testSandbox } from '../../support/sandbox.ts';

let sandbox: TestSandbox;
beforeAll(async () => {
  sandbox = await testSandbox();
});
afterAll(() => sandbox.close());

const same: Record<string, string> = {
  'a message through a channel': `const { port1, port2 } = new MessageChannel(); const got = new Promise((r) => { port2.onmessage = (e) => r([e.data, e.type]) }); port1.postMessage({ a: [1, new Map([[1, 2]])] }); const out = await got; port1.close(); return [out[0].a[1].get(1), out[1]]`,
  'a buffer moves with its message': `const { port1, port2 } = new MessageChannel(); const b = new Uint8Array([1, 2, 3]); const got = new Promise((r) => { port2.onmessage = (e) => r([...e.data]) }); port1.postMessage(b, [b.buffer]); const out = [b.length, await got]; port1.close(); return out`,
  'a port moves through another': `const a = new MessageChannel(), b = new MessageChannel(); const got = new Promise((r) => { b.port2.onmessage = (e) => { e.data.onmessage = (f) => { r(f.data); e.data.close() } } }); b.port1.postMessage(a.port2, [a.port2]); a.port1.postMessage('through'); const out = await got; b.port1.close(); return out`,
  'what cannot be sent': `new MessageChannel().port1.postMessage(() => {})`,
  'a broadcast': `const a = new BroadcastChannel('x'), b = new BroadcastChannel('x'), c = new BroadcastChannel('y'); const got = new Promise((r) => { b.onmessage = (e) => r(e.data) }); c.onmessage = () => {}; a.postMessage(5); const out = await got; a.close(); b.close(); c.close(); return out`,
  'marks and measures': `performance.mark('a', { startTime: 5, detail: { x: 1 } }); performance.mark('b', { startTime: 9 }); const m = performance.measure('m', 'a', 'b'); return [m.startTime, m.duration, m.entryType, performance.getEntriesByName('a')[0].detail, performance.getEntriesByType('measure').length]`,
  'a measure of no mark': `performance.measure('m', 'none')`,
  'an observer': `const got = new Promise((r) => new PerformanceObserver((list) => r(list.getEntries().map((e) => e.name))).observe({ entryTypes: ['mark'] })); performance.mark('one'); performance.mark('two'); const out = await got; performance.clearMarks(); return out`,
  locks: `const out = []; const first = navigator.locks.request('r', async () => { out.push('first'); await new Promise((r) => setTimeout(r, 5)); out.push('done') }); const second = navigator.locks.request('r', async (lock) => { out.push(lock.name, lock.mode) }); await Promise.all([first, second]); return out`,
  'a lock that is taken': `return navigator.locks.request('r', () => navigator.locks.request('r', { ifAvailable: true }, (lock) => lock))`,
  'kinds of events': `return [new MessageEvent('m', { data: 1 }).data, new ErrorEvent('e', { message: 'x', error: 5 }).error, new CloseEvent('c', { code: 3000, reason: 'r' }).reason]`,
  URLPattern: `const p = new URLPattern({ pathname: '/a/:id' }); return [p.test('https://x/a/5'), p.exec('https://x/a/5').pathname.groups.id, p.test('https://x/b')]`,
};

test.each(Object.entries(same))('%s', async (_, body) => {
  await expectSame(sandbox, body);
});

async function run(body: string) {
  return invoke(sandbox, functionOf(handler(body)));
}

describe('the global scope', () => {
  test('tells a listener of what nobody has caught, and goes on where that prevents it', async () => {
    const { text, ending } = await run(
      `const got = new Promise((r) => addEventListener('error', (e) => { e.preventDefault(); r(e.error.message + (e.target === globalThis)) }));
       setTimeout(() => { throw new Error('late') }, 1); return new Response(await got)`,
    );
    expect([text, ending.outcome.kind]).toEqual(['latetrue', 'ok']);
  });

  test('fails the invocation for what nobody has caught and nobody prevents', async () => {
    const { ending } = await run(
      `onerror = () => {}; setTimeout(() => { throw new Error('late') }, 1); await new Promise((r) => setTimeout(r, 50)); return new Response('no')`,
    );
    expect(ending.outcome).toMatchObject({ kind: 'exception', error: { message: 'late' } });
  });

  test('reportError logs, and the invocation goes on', async () => {
    const { text, logs } = await run(`reportError(new RangeError('said')); return new Response('on')`);
    expect([text, logs[0]?.level, logs[0]?.text]).toEqual(['on', 'error', expect.stringContaining('RangeError: said')]);
  });

  test('has globals that look like those of other engines before they are used', async () => {
    const { text } = await run(
      `const d = Object.getOwnPropertyDescriptor(globalThis, 'URLPattern'); return Response.json([typeof d.value, d.writable, d.enumerable, ArrayBuffer.name])`,
    );
    expect(JSON.parse(text)).toEqual(['function', true, false, 'ArrayBuffer']);
  });
});

test('caches keep responses for as long as the isolate lives', async () => {
  const { text } = await run(
    `const cache = await caches.open('a'); const asked = new Request('https://x.test/1', { headers: { 'accept-language': 'de' } });
     await cache.put(asked, new Response('eins', { headers: { vary: 'accept-language', 'x-a': 'b' } }));
     const hit = await caches.match(new Request('https://x.test/1#f', { headers: { 'accept-language': 'de' } }));
     const miss = await cache.match('https://x.test/1'); const again = await cache.match(asked);
     return Response.json([await hit.text(), hit.headers.get('x-a'), miss === undefined, await again.text(), await cache.delete(asked), await caches.keys()])`,
  );
  expect(JSON.parse(text)).toEqual(['eins', 'b', true, 'eins', true, ['a']]);
});
