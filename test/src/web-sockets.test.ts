/** WebSockets of clients, from the network into functions. */
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { HostOptions, InvocationRecord } from '../../src/index.ts';
import { fn, testServer, type TestServer } from '../support/host.ts';
import { exchange } from '../support/raw-http.ts';
import { exampleOf, readReadme } from '../support/readme.ts';
import { openSocket, type TestClient } from '../support/web-socket.ts';

/** A handler that takes the WebSocket; `server` is the function's end of it. */
const socketFn = (body: string, init = '') =>
  fn(`const [client, server] = Object.values(new WebSocketPair());
    server.accept();
    ${body}
    return new Response(null, { status: 101, webSocket: client, ${init} });`);

const functions = {
  echo: socketFn(`server.addEventListener('message', ({ data }) => server.send(data));`),
  protocol: socketFn(
    `server.addEventListener('message', () => server.send(server.protocol));`,
    `headers: { 'sec-websocket-protocol': 'second', 'x-of': 'function' }`,
  ),
  bye: socketFn(`server.addEventListener('message', ({ data }) => server.close(Number(data), 'as you like'));`),
  told: socketFn(`server.addEventListener('close', ({ code, reason, wasClean }) => {
    console.log(code, reason, wasClean, server.readyState);
  });`),
  early: fn(`const pair = new WebSocketPair();
    pair[1].accept(); pair[1].send('a'); pair[1].send(new Uint8Array([1, 2])); pair[1].close(4000, 'early');
    return new Response(null, { status: 101, webSocket: pair[0] });`),
  flood: socketFn(
    `server.addEventListener('message', () => { for (let i = 0; i < 200; i++) server.send('x'.repeat(60_000)); });`,
  ),
  spin: socketFn(`server.addEventListener('message', () => { for (;;); });`),
  fails: socketFn(`server.addEventListener('message', () => { throw new TypeError('oh no'); });`),
  hog: socketFn(
    `server.addEventListener('message', () => { const all = []; for (;;) all.push(new Array(1000).fill({})); });`,
  ),
  sleeps: socketFn(`server.addEventListener('message', () => {});`),
  late: fn(`const pair = new WebSocketPair();
    setTimeout(() => { pair[1].accept(); }, 100);
    pair[1].addEventListener('message', ({ data }) => pair[1].send(data + ' late'));
    return new Response(null, { status: 101, webSocket: pair[0] });`),
  plain: fn(`return new Response('plain ' + request.headers.get('upgrade') + ' ' + request.body)`),
  throws: fn(`throw new Error('no')`),
  deaf: fn(
    `setTimeout(() => {}, 60_000); return new Response(null, { status: 101, webSocket: new WebSocketPair()[0] })`,
  ),
  both: fn(`const [a, b] = Object.values(new WebSocketPair()); const seen = [];
    a.accept(); b.accept();
    a.addEventListener('message', ({ data }) => { seen.push(data); a.close(3000, 'x'); });
    await new Promise((resolve) => { b.addEventListener('close', ({ code }) => { seen.push(code); resolve(); }); b.send('to a'); });
    return Response.json(seen);`),
  taken: fn(
    `const pair = new WebSocketPair(); pair[0].accept(); return new Response(null, { status: 101, webSocket: pair[0] });`,
  ),
  status: fn(
    `try { new Response(null, { status: 200, webSocket: new WebSocketPair()[0] }); } catch (error) { return new Response(error.name); }`,
  ),
};

const nodeModules = fileURLToPath(new URL('../../node_modules', import.meta.url));
const honoApp = `
  import { Hono } from 'hono';
  import { upgradeWebSocket } from 'hono/cloudflare-workers';
  export default new Hono().get('/hono', upgradeWebSocket(() => ({
    onMessage: (event, socket) => socket.send(String(event.data)),
    onClose: ({ code, reason }) => console.log('hono', code, reason),
  })));`;

describe.each([
  ['inline', 0],
  ['in a cell', 1],
])('WebSockets of clients %s', (_where, cells) => {
  let server: TestServer;
  const records: InvocationRecord[] = [];
  const logs: string[] = [];
  beforeAll(async () => {
    server = await start({ memoryMiB: 32 });
  });
  afterAll(() => server[Symbol.asyncDispose]());

  const start = (options: HostOptions, names = Object.keys(functions)): Promise<TestServer> =>
    testServer(Object.fromEntries(names.map((name) => [name, functions[name as keyof typeof functions]])), {
      isolation: { cells },
      onInvocation: (record) => records.push(record),
      onLog: ({ text }) => logs.push(text),
      ...options,
    });
  /** How the last call of a function ended. */
  const endOf = async (name: string): Promise<InvocationRecord> => {
    await expect.poll(() => records.some(({ function: called }) => called === name)).toBe(true);
    return records.findLast(({ function: called }) => called === name)!;
  };

  test('carry text and bytes both ways, in order, up to the limit of a message', async () => {
    using client = await openSocket(`${server.url}/echo`);
    const large = 'ä'.repeat(2 ** 19);
    for (const message of ['', 'one', 'zwölf 🦊', large]) client.socket.send(message);
    client.socket.send(new Uint8Array([0, 1, 255]));
    client.socket.send(new Uint8Array(0));
    for (const message of ['', 'one', 'zwölf 🦊', large]) expect((await client.next()) === message).toBe(true);
    expect(await client.next()).toEqual(new Uint8Array([0, 1, 255]));
    expect(await client.next()).toEqual(new Uint8Array(0));
    client.socket.send('ä'.repeat(2 ** 19) + 'x');
    expect(await client.closed).toMatchObject({ code: 1009 });
    expect(await endOf('echo')).toMatchObject({ status: 101, outcome: { kind: 'ok' } });
  });

  test('have the protocol and the headers that the function chose', async () => {
    using client = await openSocket(`${server.url}/protocol`, ['first', 'second']);
    expect(client.socket.protocol).toBe('second');
    expect(client.headers).toMatchObject({ 'x-of': 'function', 'x-isohost-outcome': 'ok' });
    client.socket.send('');
    expect(await client.next()).toBe('second');
  });

  test('are closed by either end, with code and reason', async () => {
    using closing = await openSocket(`${server.url}/bye`);
    closing.socket.send('4321');
    expect(await closing.closed).toEqual({ code: 4321, reason: 'as you like' });
    using early = await openSocket(`${server.url}/early`);
    expect([await early.next(), await early.next()]).toEqual(['a', new Uint8Array([1, 2])]);
    expect(await early.closed).toEqual({ code: 4000, reason: 'early' });
    using told = await openSocket(`${server.url}/told`);
    told.socket.close(3003, 'enough');
    expect(await told.closed).toEqual({ code: 3003, reason: 'enough' });
    await expect.poll(() => logs).toContain('3003 enough true 3');
    using cut = await openSocket(`${server.url}/told`);
    cut.socket.terminate();
    await expect.poll(() => logs).toContain('1006  false 3');
    expect(await endOf('told')).toMatchObject({ outcome: { kind: 'ok' } });
  });

  test('work as README shows, and by way of Hono', async () => {
    await server.host.deploy({ name: 'readme', source: exampleOf(readReadme(), 'web-socket') });
    await server.host.deploy({ name: 'hono', source: honoApp, nodeModules: [nodeModules] });
    for (const path of ['readme', 'hono']) {
      using client = await openSocket(`${server.url}/${path}`);
      client.socket.send(`to ${path}`);
      expect(await client.next()).toBe(`to ${path}`);
      client.socket.close(4001, 'bye');
      await client.closed;
    }
    await expect.poll(() => logs).toContain('hono 4001 bye');
    expect((await fetch(`${server.url}/readme`)).status).toBe(426);
  });

  test('wait until they are accepted', async () => {
    using client = await openSocket(`${server.url}/late`);
    client.socket.send('never too');
    expect(await client.next()).toBe('never too late');
  });

  test('connect both ends within a function, too', async () => {
    expect(await (await fetch(`${server.url}/both`)).json()).toEqual(['to a', 3000]);
  });

  test('are refused where the function answers otherwise, or takes what it cannot', async () => {
    await expect(openSocket(`${server.url}/plain`)).rejects.toThrow('200');
    await expect(openSocket(`${server.url}/throws`)).rejects.toThrow('500');
    await expect(openSocket(`${server.url}/nothing`)).rejects.toThrow('404');
    await expect(openSocket(`${server.url}/taken`)).rejects.toThrow('500');
    expect((await fetch(`${server.url}/echo`)).status).toBe(500);
    expect(await (await fetch(`${server.url}/status`)).text()).toBe('RangeError');
  });

  test('are none where the request is not of the form that there is', async () => {
    const ask = (lines: string) =>
      exchange(server.url, `GET /plain HTTP/1.1\r\nhost: x\r\n${lines}connection: upgrade, close\r\n\r\n`);
    for (const lines of [
      'upgrade: websocket\r\n',
      'upgrade: websocket\r\nsec-websocket-version: 12\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n',
      'upgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: short\r\n',
      'upgrade: h2c\r\n',
    ]) {
      expect(await ask(lines)).toMatch(/^HTTP\/1\.1 200 [\s\S]*plain (?:websocket|h2c) null/);
    }
  });

  test('are closed with the reason when a limit or an error ends the call', async () => {
    const after = async (name: string) => {
      using client = await openSocket(`${server.url}/${name}`);
      client.socket.send('go');
      return await client.closed;
    };
    expect(await after('spin')).toEqual({ code: 1008, reason: 'exceededCpu: cpuTimeMs is 1000' });
    expect(await after('hog')).toEqual({ code: 1008, reason: 'exceededMemory: memoryMiB is 32' });
    expect(await after('fails')).toEqual({ code: 1011, reason: 'exception' });
    expect(await endOf('fails')).toMatchObject({ outcome: { kind: 'exception', error: { message: 'oh no' } } });
    using next = await openSocket(`${server.url}/echo`);
    next.socket.send('fine');
    expect(await next.next()).toBe('fine');
  });

  test('last longer than other calls, within limits of their own', async () => {
    await using brief = await start({ wallTimeMs: 3_000, socketTimeMs: 4_000, socketIdleMs: 10_000 }, ['echo']);
    using client = await openSocket(`${brief.url}/echo`);
    const talk = setInterval(() => client.socket.send('still here'), 50);
    const { code, reason } = await client.closed;
    clearInterval(talk);
    expect([code, reason]).toEqual([1008, 'exceededWallTime: socketTimeMs is 4000']);
  });

  test('keep a function that sends too fast waiting, and hold little for a client that does not read', async () => {
    await using host = await start({ memoryMiB: 64 }, ['flood']);
    const before = process.memoryUsage().arrayBuffers;
    const clients = await Promise.all(Array.from({ length: 4 }, () => openSocket(`${host.url}/flood`)));
    for (const { socket } of clients) {
      socket.send('go');
      socket.pause();
    }
    // Each has 12 MB to come; what is not read is in the memory of its function, and in the buffers of the connection.
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(16 * 2 ** 20);
    for (const { socket } of clients.slice(1)) socket.terminate();
    const [slow] = clients;
    slow!.socket.resume();
    expect(((await slow!.next()) as string).length).toBe(60_000);
    slow!.socket.terminate();
  });

  test('are not read from for a function that does not read, nor for those that send pieces and pings without end', async () => {
    using client = await openSocket(`${server.url}/deaf`);
    const megabyte = Buffer.alloc(2 ** 20);
    for (let count = 0; count < 64; count += 1) client.socket.send(megabyte);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(client.socket.bufferedAmount).toBeGreaterThan(32 * 2 ** 20);
    using other = await openSocket(`${server.url}/echo`);
    for (let count = 0; count < 2_000; count += 1) other.socket.send('x', { fin: false });
    expect((await other.closed).code).toBe(1008);
    using pinging = await openSocket(`${server.url}/echo`);
    for (let count = 0; count < 20_000; count += 1) pinging.socket.ping('x'.repeat(100));
    expect((await pinging.closed).code).toBe(1006);
  });

  test.runIf(cells === 0)('are as many at once as there are isolates; the others are answered 503', async () => {
    await using host = await start({ isolates: 2, queueAgeMs: 300 }, ['echo']);
    const opened = await Promise.allSettled(Array.from({ length: 200 }, () => openSocket(`${host.url}/echo`)));
    const [open, refused] = ['fulfilled', 'rejected'].map((status) => opened.filter((one) => one.status === status));
    expect([open!.length, refused!.length]).toEqual([2, 198]);
    for (const one of refused as PromiseRejectedResult[]) expect(String(one.reason)).toContain('503');
    for (const one of open as PromiseFulfilledResult<TestClient>[]) one.value.socket.close();
    await expect.poll(() => host.host.status().isolates).toBe(0);
    using next = await openSocket(`${host.url}/echo`);
    next.socket.send('fine');
    expect(await next.next()).toBe('fine');
  });

  test('are closed when nobody says anything, and when the host is drained, which waits for them', async () => {
    const host = await start({ socketIdleMs: 1_000 }, ['told']);
    using silent = await openSocket(`${host.url}/told`);
    expect(await silent.closed).toEqual({ code: 1008, reason: 'no message for 1000 ms; the limit is socketIdleMs' });
    await expect.poll(() => logs.join()).toContain('no message for 1000 ms');
    using client = await openSocket(`${host.url}/told`);
    const drained = host.host.drain();
    expect(await client.closed).toEqual({ code: 1001, reason: 'the server is being stopped' });
    await drained;
    expect(logs.some((text) => text.startsWith('1001 '))).toBe(true);
    await host[Symbol.asyncDispose]();
  });

  test.runIf(cells === 0)('are cut when the server is destroyed', async () => {
    const host = await start({}, ['sleeps']);
    using client = await openSocket(`${host.url}/sleeps`);
    await host[Symbol.asyncDispose]();
    await client.closed;
  });
});
