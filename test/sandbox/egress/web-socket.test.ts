/** WebSockets that functions open. */
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocketServer } from 'ws';
import { type EgressPolicy, type Limits, openPolicy, parseHostRule } from '../../../sandbox/index.ts';
import { functionOf, handler, invoke, type TestSandbox, testSandbox } from '../../support/sandbox.ts';
import { loopbackPolicy } from '../../support/upstream.ts';

let peer: WebSocketServer;
let url: string;
/** Codes with which connections of functions were closed. */
const closings: number[] = [];

beforeAll(async () => {
  peer = new WebSocketServer({
    port: 0,
    host: '127.0.0.1',
    handleProtocols: (offered) => [...offered].at(-1)!,
    verifyClient: ({ req }: { req: { url?: string | undefined } }) => req.url !== '/refused',
  });
  peer.on('connection', (socket, { url: path, headers }) => {
    socket.on('close', (code) => closings.push(code));
    socket.on('error', () => {});
    if (path === '/flood') {
      const piece = Buffer.alloc(64 * 1024);
      for (let count = 0; count < 400; count += 1) socket.send(piece);
      return;
    }
    if (path === '/large') socket.send(Buffer.alloc(2 * 2 ** 20));
    if (path === '/headers') socket.send(JSON.stringify(headers));
    if (path === '/cut') socket.terminate();
    if (path === '/silent') return;
    socket.on('message', (data, isBinary) => {
      if (!isBinary && String(data as Buffer) === 'close') socket.close(3333, 'as you wish');
      else socket.send(data, { binary: isBinary });
    });
  });
  await new Promise((resolve) => peer.once('listening', resolve));
  url = `ws://127.0.0.1:${(peer.address() as AddressInfo).port}`;
});
afterAll(() => {
  for (const client of peer.clients) client.terminate();
  peer.close();
});

describe.each([
  ['inline', 0],
  ['in a cell', 1],
])('WebSocket %s', (_where, cells) => {
  let sandbox: TestSandbox;
  let calls = 0;
  beforeAll(async () => {
    sandbox = await testSandbox(cells);
  });
  afterAll(() => sandbox.close());

  async function call(body: string, limits: Partial<Limits> = {}, egress: EgressPolicy = loopbackPolicy) {
    calls += 1;
    const code = handler(`
      const said = (path, act = () => {}, ...rest) => new Promise((resolve) => {
        const socket = new WebSocket(path.startsWith('/') ? '$UP' + path : path, ...rest); const seen = [];
        socket.binaryType = 'arraybuffer';
        socket.onopen = () => { seen.push('open'); act(socket, seen); };
        socket.onmessage = ({ data }) => seen.push(typeof data === 'string' ? data : [...new Uint8Array(data)]);
        socket.onerror = ({ message, error }) => seen.push(error.code + ' ' + message);
        socket.onclose = ({ code, reason, wasClean }) => resolve([...seen, code, reason, wasClean]);
      });
      ${body}`).replaceAll('$UP', url);
    const fn = functionOf(code, limits, { key: `test/f${calls}`, hash: String(calls), egress });
    const { text, ending } = await invoke(sandbox, fn);
    return ending.outcome.kind === 'ok' ? (JSON.parse(text) as unknown) : ending.outcome;
  }

  test('sends and receives, and is closed by either end', async () => {
    expect(
      await call(`return Response.json([
        await said('/', (s) => { s.send('zwölf'); s.send(new Uint8Array([1, 2])); s.send(new Blob(['ab'])); s.send('close'); }),
        await said('/', (s) => s.close(3000, 'done')),
        await said('/', (s) => s.close()),
        await said('/cut'),
      ])`),
    ).toEqual([
      ['open', 'zwölf', [1, 2], [97, 98], 3333, 'as you wish', true],
      ['open', 3000, 'done', true],
      ['open', 1005, '', true],
      ['open', 1006, '', false],
    ]);
  });

  test('has the interface of the standard', async () => {
    expect(
      await call(`const s = new WebSocket('$UP'.replace('ws:', 'http:') + '/headers', ['a', 'b']); const seen = [];
        s.addEventListener('open', (e) => seen.push([e.type, e.isTrusted, s.readyState, s.protocol, s.url, s.binaryType, s.extensions]));
        try { s.send('x'); } catch (error) { seen.push(error.name); }
        const { data, origin } = await new Promise((resolve) => { s.onmessage = resolve; });
        s.send('abc'); seen.push(s.bufferedAmount); s.close(); seen.push(s.readyState); s.send('de'); seen.push(s.bufferedAmount >= 2);
        const blob = await new Promise((resolve) => { const t = new WebSocket('$UP/'); t.onopen = () => t.send(new Uint8Array(3)); t.onmessage = ({ data }) => resolve(data); });
        return Response.json([...seen, JSON.parse(data)['user-agent'], origin === '$UP', blob instanceof Blob, blob.size, WebSocket.OPEN, s.CLOSED]);`),
    ).toEqual([
      'InvalidStateError',
      ['open', true, 1, 'b', `${url}/headers`, 'blob', ''],
      3,
      2,
      true,
      'isohost',
      true,
      true,
      3,
      1,
      3,
    ]);
  });

  test('refuses wrong arguments', async () => {
    expect(
      await call(`const names = []; const attempt = (act) => { try { act(); names.push('none'); } catch (error) { names.push(error.name); } };
        for (const [u, p] of [['nonsense'], ['ftp://x/'], ['ws://x/#a'], ['ws://x/', ['a', 'a']], ['ws://x/', 'a b'], ['ws://x/', ['']]]) attempt(() => new WebSocket(u, p));
        const s = new WebSocket('$UP/silent');
        for (const c of [999, 1001, 1005, 2999, 5000]) attempt(() => s.close(c));
        attempt(() => s.close(3000, 'x'.repeat(124)));
        attempt(() => WebSocket('$UP'));
        return Response.json(names);`),
    ).toEqual([
      ...Array<string>(6).fill('SyntaxError'),
      ...Array<string>(5).fill('InvalidAccessError'),
      'SyntaxError',
      'TypeError',
    ]);
  });

  test('goes by the rules for requests', async () => {
    const attempt = (target: string, egress: EgressPolicy) =>
      call(`return Response.json(await said('${target}'))`, {}, egress);
    const refused = (text: string) => [expect.stringMatching(text), 1006, '', false];
    expect(await attempt('/', openPolicy)).toEqual(refused('ERR_EGRESS_DENIED .*is a loopback address'));
    expect(await attempt('ws://[::ffff:127.0.0.1]:9/', loopbackPolicy)).toEqual(refused('.'));
    expect(await attempt('ws://169.254.169.254/', loopbackPolicy)).toEqual(refused('ERR_EGRESS_DENIED'));
    expect(await attempt('/', { ...loopbackPolicy, deny: [parseHostRule('127.0.0.1')] })).toEqual(
      refused('denied by the rule'),
    );
    expect(await attempt('/', { ...loopbackPolicy, allow: [[parseHostRule('example.com')]] })).toEqual(
      refused('not in egress.allow'),
    );
    const getOnly = { ...loopbackPolicy, allow: [[parseHostRule('*', [], ['GET'])]] };
    expect(await attempt('/', getOnly)).toEqual(refused('CONNECT .* is not in egress.allow'));
    expect(await attempt('ws://127.0.0.1:25/', loopbackPolicy)).toEqual(refused('port 25 is that of another protocol'));
    expect(await attempt('/refused', loopbackPolicy)).toEqual(refused('401'));
    expect(await call(`try { await fetch('$UP/'); } catch (error) { return Response.json(error.cause.code); }`)).toBe(
      'ERR_EGRESS_INVALID',
    );
  });

  test('is limited in number, size of messages and bytes in all', async () => {
    expect(
      await call(`return Response.json([await said('/', (s) => s.close()), await said('/')])`, { subrequests: 1 }),
    ).toEqual([
      ['open', 1005, '', true],
      [expect.stringContaining('raise the limit subrequests'), 1006, '', false],
    ]);
    expect(
      await call(
        `return Response.json(await said('/', (s, seen) => {
        try { s.send('x'.repeat(1001)); } catch (error) { seen.push(error.message); }
        s.send('x'.repeat(1000)); s.send('close'); }))`,
        { socketMessageBytes: 1_000 },
      ),
    ).toEqual([
      'open',
      expect.stringContaining('the limit socketMessageBytes is 1000'),
      'x'.repeat(1000),
      3333,
      'as you wish',
      true,
    ]);
    expect(await call(`return Response.json(await said('/large'))`)).toEqual(['open', 1006, '', false]);
    expect(
      await call(`return Response.json((await said('/flood')).slice(-3))`, {
        subresponseBodyBytes: 2 ** 20,
        cpuTimeMs: 5_000,
      }),
    ).toEqual([1006, '', false]);
    expect(await call(`return Response.json(await said('/silent'))`, { socketIdleMs: 200 })).toEqual([
      'open',
      1008,
      expect.stringContaining('socketIdleMs'),
      true,
    ]);
  });

  test('ends with its invocation, and when it was not opened yet', async () => {
    const before = closings.length;
    expect(
      await call(
        `await new Promise((resolve) => { new WebSocket('$UP/silent').onopen = resolve; }); return Response.json('left open')`,
      ),
    ).toBe('left open');
    await expect.poll(() => closings.slice(before)).toEqual([1001]);
    expect(
      await call(`const s = new WebSocket('$UP/silent'); return Response.json(await new Promise((resolve) => {
      const seen = []; s.onerror = () => seen.push('error'); s.onclose = ({ code }) => resolve([...seen, code]); s.close(); }))`),
    ).toEqual(['error', 1006]);
    expect(await call(`await said('/silent')`, { wallTimeMs: 300 })).toMatchObject({ kind: 'exceededWallTime' });
  });
});
