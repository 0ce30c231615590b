/** `isohost kubeless` as a process: how it ends, and how much it takes on at once. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../support/files.ts';
import { kubelessServer } from '../support/kubeless.ts';

const cli = fileURLToPath(new URL('../../src/checkout.js', import.meta.url));
const code = `module.exports = { foo: (e) => e['event-type'] === 'slow' ? new Promise((r) => setTimeout(() => r('slow'), 1000)) : 'quick' }`;

interface Running extends AsyncDisposable {
  readonly child: ChildProcess;
  readonly exited: Promise<unknown>;
  readonly output: () => string;
}

async function run(env: Record<string, string>): Promise<Running> {
  const folder = await temporaryFolder({ 'mod.js': code });
  const child = spawn(process.execPath, [cli, 'kubeless'], {
    env: {
      PATH: process.env['PATH'],
      MOD_NAME: 'mod',
      FUNC_HANDLER: 'foo',
      MOD_ROOT_PATH: folder.path,
      FUNC_PORT: '0',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const exited = once(child, 'exit').then(([status]) => status as unknown);
  return {
    child,
    exited,
    output: () => text,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await exited;
      await folder[Symbol.asyncDispose]();
    },
  };
}

async function portOf({ output }: Running): Promise<number> {
  await expect.poll(output, { timeout: 50_000 }).toMatch(/ready http:\/\/\S+:\d+\n/);
  return Number(/ready \S+:(\d+)\n/.exec(output())![1]);
}

const request = (name: string): string => `GET / HTTP/1.1\r\nHost: h\r\nEvent-Type: ${name}\r\n\r\n`;

describe('a signal', () => {
  test.each(['SIGTERM', 'SIGINT'] as const)(
    '%s lets calls under way finish, and those behind them; another changes nothing',
    async (signal) => {
      await using server = await run({});
      const socket = connect(await portOf(server), '127.0.0.1');
      let received = '';
      socket.on('data', (chunk) => (received += chunk.toString()));
      const closed = once(socket, 'close');
      socket.write(request('quick'));
      await expect.poll(() => received).toContain('quick');
      socket.write(request('slow'));
      await sleep(300);
      server.child.kill(signal);
      await expect.poll(server.output).toContain('Shutting down..\n');
      socket.write(request('quick'));
      server.child.kill(signal);
      await closed;
      expect(received.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 200', 'HTTP/1.1 200']);
      expect(await server.exited).toBe(0);
      expect(server.output()).toMatch(/Server stopped\n$/);
    },
  );

  test('ends a server that has nothing to do, with connections that asked for something or never did', async () => {
    await using server = await run({});
    const port = await portOf(server);
    const sockets = [connect(port, '127.0.0.1'), connect(port, '127.0.0.1')];
    await Promise.all(sockets.map((socket) => once(socket, 'connect')));
    // An answer on the later one shows that the server has accepted both: the kernel resets what it has not.
    sockets[1]!.write(request('quick'));
    await once(sockets[1]!, 'data');
    const closed = sockets.map((socket) => once(socket.resume(), 'close'));
    server.child.kill('SIGTERM');
    await Promise.all(closed);
    expect(await server.exited).toBe(0);
  });
});

describe('the status', () => {
  test.each([
    ['FUNC_PORT', 'http', 'FUNC_PORT is "http"'],
    ['FUNC_TIMEOUT', '0', 'FUNC_TIMEOUT is "0"'],
  ])('is 1 with %s=%s', async (name, value, message) => {
    await using server = await run({ [name]: value });
    expect(await server.exited).toBe(1);
    expect(server.output()).toContain(message);
  });

  test('is 1 when the port is taken', async () => {
    await using first = await run({});
    await using second = await run({ FUNC_PORT: String(await portOf(first)) });
    expect(await second.exited).toBe(1);
    expect(second.output()).toContain('is taken by another program');
  });
});

test('hundreds of calls at once wait for their turn', async () => {
  await using server = await kubelessServer({
    'mod.js': `module.exports = { foo: () => new Promise((resolve) => setTimeout(() => resolve('late'), 500)) }`,
  });
  const answers = await Promise.all(Array.from({ length: 250 }, () => fetch(server.url).then((one) => one.text())));
  expect(new Set(answers)).toEqual(new Set(['late']));
});
