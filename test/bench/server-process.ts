/** Starts a contestant's server, and ends it with all that it has started, whatever happens. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Contestant } from './contestant.ts';
import type { FunctionFile } from './functions.ts';
import { identify, isSame, kill, processTree } from './process-tree.ts';
import { temporaryFolder } from '../support/files.ts';
import { putUnderWatch } from './warden.ts';

const readyWithinMs = 180_000;
const endWithinMs = 3_000;

/** The server does not start; the message says why. */
export class StartError extends Error {
  override readonly name = 'StartError';
}

export interface ServerProcess extends AsyncDisposable {
  readonly pid: number;
  readonly origin: string;
  /** Milliseconds from its start until it took connections. */
  readonly readyMs: number;
  /** Of what it has printed, the end. */
  output(): string;
}

/** @throws StartError */
export async function startServer(contestant: Contestant, functions: readonly FunctionFile[]): Promise<ServerProcess> {
  const folder = await temporaryFolder();
  const port = await freePort();
  try {
    const { file, args, env } = await contestant.command({ folder: folder.path, port, functions });
    const start = performance.now();
    const child = spawn(file, args, {
      cwd: folder.path,
      env: { ...process.env, ...env, NODE_ENV: 'production' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    if (child.pid !== undefined) child.once('exit', putUnderWatch(child.pid));
    const output = tailOf(child);
    try {
      await connected(port, child, output);
    } catch (error) {
      await end(child);
      throw error;
    }
    return {
      pid: child.pid!,
      origin: `http://127.0.0.1:${port}`,
      readyMs: performance.now() - start,
      output,
      async [Symbol.asyncDispose]() {
        await end(child);
        await folder[Symbol.asyncDispose]();
      },
    };
  } catch (error) {
    await folder[Symbol.asyncDispose]();
    throw error;
  }
}

function tailOf(child: ChildProcess): () => string {
  let tail = '';
  for (const stream of [child.stdout!, child.stderr!]) {
    stream.setEncoding('utf8');
    stream.on('data', (text: string) => {
      tail = (tail + text).slice(-4_096);
    });
  }
  return () => tail.trim();
}

async function connected(port: number, child: ChildProcess, output: () => string): Promise<void> {
  let failure: string | undefined;
  child.once('error', (error) => {
    failure = error.message;
  });
  child.once('close', (code, signal) => {
    failure ??= output().split('\n', 1)[0] || `it ended with ${code ?? signal}`;
  });
  const deadline = performance.now() + readyWithinMs;
  while (!(await canConnect(port))) {
    if (failure !== undefined) throw new StartError(failure);
    if (performance.now() > deadline) throw new StartError(`it took no connections within ${readyWithinMs} ms`);
    await sleep(2);
  }
}

function canConnect(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  // Taken now: when it has ended, nobody knows its children any more.
  const descendants = processTree(child.pid).slice(1).map(identify);
  const isGone = once(child, 'exit');
  child.kill('SIGTERM');
  await Promise.race([isGone, sleep(endWithinMs, undefined, { ref: false })]);
  for (const descendant of descendants) if (isSame(descendant)) kill(descendant.pid);
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await isGone;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
