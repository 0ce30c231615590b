/** Server-sent events: received with EventSource, and sent by functions. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type EgressPolicy, openPolicy } from '../../../sandbox/index.ts';
import { functionOf, handler, invoke, type TestSandbox, testSandbox } from '../../support/sandbox.ts';
import { loopbackPolicy } from '../../support/upstream.ts';

let server: Server;
let url: string;
/** The header Last-Event-ID of each request to /again. */
const lastIds: (string | undefined)[] = [];

beforeAll(async () => {
  server = createServer((request, response) => {
    if (request.url === '/plain') {
      response.end('data: no\n\n');
      return;
    }
    if (request.url === '/status') {
      response.writeHead(404, { 'content-type': 'text/event-stream' }).end();
      return;
    }
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
    if (request.url === '/again') {
      lastIds.push(request.headers['last-event-id']?.toString());
      response.end(`retry: 20\nid: ${lastIds.length} ü\ndata: ${lastIds.length}\n\ndata: not complete`);
      return;
    }
    const text =
      '\ufeff: a comment\ndata: one\n\ndata:two\r\ndata:  lines\r\n\r\nevent: named\rdata: {"a":"ü"}\rid: 7\r\rdata\n\nevent: none\n\nid: 8\n\nunknown: x\nretry: no\ndata: end\n\n';
    // Each byte by itself: line breaks and characters come apart.
    void (async () => {
      for (const byte of Buffer.from(text)) {
        response.write(Buffer.of(byte));
        await new Promise(setImmediate);
      }
    })();
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

describe.each([
  ['inline', 0],
  ['in a cell', 1],
])('EventSource %s', (_where, cells) => {
  let sandbox: TestSandbox;
  let calls = 0;
  beforeAll(async () => {
    sandbox = await testSandbox(cells);
  });
  afterAll(() => sandbox.close());
  const call = async (body: string, egress: EgressPolicy = loopbackPolicy): Promise<unknown> => {
    calls += 1;
    const fn = functionOf(
      handler(body.replaceAll('$UP', url)),
      { cpuTimeMs: 5_000 },
      { key: `test/e${calls}`, hash: String(calls), egress },
    );
    const { text, ending } = await invoke(sandbox, fn);
    expect(ending.outcome).toEqual({ kind: 'ok' });
    return JSON.parse(text);
  };

  test('understands the format, however it is cut', async () => {
    expect(
      await call(`const source = new EventSource('$UP/events'); const seen = [source.readyState, source.url === '$UP/events', source.withCredentials];
        return new Promise((resolve) => {
          source.onopen = () => seen.push('open ' + source.readyState);
          source.addEventListener('named', ({ data, lastEventId, origin, isTrusted }) => seen.push(['named', data, lastEventId, origin === '$UP', isTrusted]));
          source.onmessage = ({ data, lastEventId }) => { seen.push([data, lastEventId]);
            if (data === 'end') { source.close(); resolve(Response.json([...seen, source.readyState])); } };
        });`),
    ).toEqual([
      0,
      true,
      false,
      'open 1',
      ['one', ''],
      ['two\n lines', ''],
      ['named', '{"a":"ü"}', '7', true, true],
      ['', '7'],
      ['end', '8'],
      2,
    ]);
  });

  test('connects again, and says what it had last', async () => {
    lastIds.length = 0;
    expect(
      await call(`const source = new EventSource('$UP/again'); const seen = [];
        source.onerror = () => seen.push('error ' + source.readyState);
        return new Promise((resolve) => { source.onmessage = ({ data, lastEventId }) => {
          seen.push(data + ' ' + lastEventId); if (data === '3') { source.close(); resolve(Response.json(seen)); } }; });`),
    ).toEqual(['1 1 ü', 'error 0', '2 2 ü', 'error 0', '3 3 ü']);
    expect(lastIds.map((id) => id && Buffer.from(id, 'latin1').toString())).toEqual([undefined, '1 ü', '2 ü']);
  });

  test('gives up where there are no events, and where it may not connect', async () => {
    const attempt = (target: string, egress: EgressPolicy = loopbackPolicy) =>
      call(
        `const source = new EventSource('${target}'); await new Promise((resolve) => { source.onerror = resolve; }); return Response.json(source.readyState)`,
        egress,
      );
    expect(await attempt('$UP/plain')).toBe(2);
    expect(await attempt('$UP/status')).toBe(2);
    expect(await attempt('$UP/events', openPolicy)).toBe(2);
    expect(
      await call(
        `try { new EventSource('no url'); } catch (error) { return Response.json([error.name, EventSource.CLOSED]); }`,
      ),
    ).toEqual(['SyntaxError', 2]);
  });

  test('of a stream that a function sends: events arrive one by one, and the stream ends with its limits', async () => {
    const stream = `const encoder = new TextEncoder(); let count = 0;
      return new Response(new ReadableStream({ async pull(controller) {
        await new Promise((resolve) => setTimeout(resolve, 20));
        count += 1; controller.enqueue(encoder.encode('id: ' + count + '\\ndata: ' + count + '\\n\\n'));
      } }), { headers: { 'content-type': 'text/event-stream' } });`;
    const handle = sandbox.invoke({
      id: 'test',
      function: functionOf(handler(stream), { wallTimeMs: 1_500 }, { key: 'test/stream', hash: 'stream' }),
      request: { method: 'GET', url: 'http://localhost/f', headers: [], body: null, remoteAddress: '' },
      onLog() {},
    });
    const answer = await handle.answer;
    if (answer.kind !== 'response') throw new Error(answer.outcome.kind);
    const reader = (answer.response.body as ReadableStream<Uint8Array>).getReader();
    const { value } = await reader.read();
    expect(Buffer.from(value!).toString()).toBe('id: 1\ndata: 1\n\n');
    const rest = (async () => {
      for (;;) if ((await reader.read()).done) return 'complete';
    })();
    await expect(rest).rejects.toThrow('exceededWallTime');
    expect((await handle.ended).outcome).toMatchObject({ kind: 'exceededWallTime' });
  });
});
