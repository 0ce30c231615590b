/**
 * What it costs to stream bodies through a function, by the way in which the function handles them: CPU time of all processes of the server,
 * bytes per second, and by how much the server's memory grows meanwhile; of isohost, and in turns with it of Hono, where the function is part of
 * the server.
 *
 *     node --no-node-snapshot test/bench/body-rate.ts
 *     node --no-node-snapshot test/bench/body-rate.ts --cells 0 --mib 256 --only read,pass --rounds 3
 */
import { once } from 'node:events';
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { temporaryFolder } from '../support/files.ts';
import { median } from '../support/statistics.ts';
import type { Contestant } from './contestant.ts';
import { contestants } from './contestants/index.ts';
import { cpuMsOf, memoryOf } from './process-tree.ts';
import { type ServerProcess, startServer } from './server-process.ts';

const mebibyte = 2 ** 20;
const gatheredMiB = 64;
const sampleEveryMs = 100;
const memoryMiB = 256;
const cli = fileURLToPath(new URL('../../src/cli.ts', import.meta.url));

/** Functions, each by itself. Those that make a body read from the URL how many bytes of it are wanted. */
const handlers = {
  /** Counts what it reads. */
  read: `async (request) => {
    const reader = request.body.getReader();
    let bytes = 0;
    for (let piece = await reader.read(); !piece.done; piece = await reader.read()) bytes += piece.value.length;
    return new Response(String(bytes));
  }`,
  iterate: `async (request) => {
    let bytes = 0;
    for await (const piece of request.body) bytes += piece.length;
    return new Response(String(bytes));
  }`,
  /** Does not look at it. */
  pass: '(request) => new Response(request.body)',
  transform: '(request) => new Response(request.body.pipeThrough(new TransformStream()))',
  /** Makes bytes of its own. */
  make: `(request) => {
    let left = Number(new URL(request.url).searchParams.get('bytes'));
    return new Response(new ReadableStream({
      pull(controller) {
        controller.enqueue(new Uint8Array(65536));
        left -= 65536;
        if (left <= 0) controller.close();
      },
    }));
  }`,
  makeBytes: `(request) => {
    let left = Number(new URL(request.url).searchParams.get('bytes'));
    return new Response(new ReadableStream({
      type: 'bytes',
      pull(controller) {
        controller.enqueue(new Uint8Array(65536));
        left -= 65536;
        if (left <= 0) controller.close();
      },
    }));
  }`,
  /** Wants all of it at once; bodies of 64 MiB, one after the other. */
  gather: 'async (request) => new Response(String((await request.arrayBuffer()).byteLength))',
} as const;

type Name = keyof typeof handlers;

interface Figures {
  readonly cpuSeconds: number;
  readonly mebibytesPerSecond: number;
  readonly grownMiB: number;
}

const { values } = parseArgs({
  options: {
    cells: { type: 'string', multiple: true, default: ['0', '1'] },
    mib: { type: 'string', default: '1024' },
    rounds: { type: 'string', default: '1' },
    only: { type: 'string' },
  },
});
const names = (values.only?.split(',') ?? Object.keys(handlers)) as Name[];
for (const name of names) {
  if (Object.hasOwn(handlers, name)) continue;
  throw new Error(`--only ${name}: there is no such handler; there are ${Object.keys(handlers).join(', ')}`);
}
const totalMiB = Number(values.mib);

await using folder = await temporaryFolder(
  Object.fromEntries(
    Object.entries(handlers).map(([name, handler]) => [`${name}.mjs`, `export default { fetch: ${handler} };\n`]),
  ),
);
const functions = names.map((name) => ({ name, file: folder.file(`${name}.mjs`) }));
await using plain = await startServer(
  contestants.find(({ name }) => name === 'hono')!,
  functions,
);
for (const cells of values.cells) await measureAll(cells);

async function measureAll(cells: string): Promise<void> {
  await using server = await startServer(isohostWith(cells), functions);
  for (const name of names) {
    for (const each of [plain, server]) await send(each, name, gatheredMiB);
    const rounds: Figures[] = [];
    const ratios: number[] = [];
    for (let round = 0; round < Number(values.rounds); round += 1) {
      const floor = await measure(plain, name);
      const figures = await measure(server, name);
      rounds.push(figures);
      ratios.push(figures.cpuSeconds / floor.cpuSeconds);
    }
    const [cpu, rate, grown] = (['cpuSeconds', 'mebibytesPerSecond', 'grownMiB'] as const).map((figure) =>
      median(rounds.map((round) => round[figure])),
    );
    process.stdout.write(
      `cells ${cells}  ${name.padEnd(10)} ${cpu!.toFixed(2).padStart(6)} CPU s/GiB, ` +
        `${median(ratios).toFixed(1).padStart(4)} x Hono  ${rate!.toFixed(0).padStart(5)} MiB/s  ${grown!.toFixed(0).padStart(4)} MiB more\n`,
    );
  }
}

function isohostWith(cells: string): Contestant {
  return {
    name: 'isohost',
    title: 'isohost',
    isolation: '',
    dialect: 'web',
    async command(site) {
      const config = {
        requestBodyBytes: 2 ** 40,
        cpuTimeMs: 600_000,
        wallTimeMs: 600_000,
        memoryMiB,
        cacheFolder: '',
        log: 'off',
        port: site.port,
        isolation: { cells: Number(cells) },
      };
      await writeFile(join(site.folder, 'isohost.config.json'), JSON.stringify(config));
      await mkdir(join(site.folder, 'functions'));
      for (const { name, file } of site.functions) await cp(file, join(site.folder, 'functions', `${name}.mjs`));
      return { file: process.execPath, args: ['--no-node-snapshot', cli, 'start', 'functions'] };
    },
  };
}

async function measure(server: ServerProcess, name: Name): Promise<Figures> {
  const cpuMs = cpuMsOf(server.pid);
  const { rssMiB } = memoryOf(server.pid);
  let mostMiB = rssMiB;
  const start = performance.now();
  const sampling = setInterval(() => {
    mostMiB = Math.max(mostMiB, memoryOf(server.pid).rssMiB);
  }, sampleEveryMs);
  try {
    await transferAll(server, name);
  } finally {
    clearInterval(sampling);
  }
  const seconds = (performance.now() - start) / 1_000;
  return {
    cpuSeconds: ((cpuMsOf(server.pid) - cpuMs) / 1_000 / totalMiB) * 1_024,
    mebibytesPerSecond: totalMiB / seconds,
    grownMiB: mostMiB - rssMiB,
  };
}

async function transferAll(server: ServerProcess, name: Name): Promise<void> {
  const eachMiB = name === 'gather' ? gatheredMiB : totalMiB;
  for (let sent = 0; sent < totalMiB; sent += eachMiB) await send(server, name, eachMiB);
}

/** Written by hand: a client must not be what takes the time. */
async function send({ origin }: ServerProcess, name: Name, mib: number): Promise<void> {
  const { hostname, port } = new URL(origin);
  const bytes = mib * mebibyte;
  const socket = connect(Number(port), hostname);
  const makes = name.startsWith('make');
  const answersBytes = makes || name === 'pass' || name === 'transform';
  let received = 0;
  let head = '';
  let tail = '';
  socket.on('data', (data: Buffer) => {
    received += data.length;
    if (head.length < 1_000) head += data.toString('latin1', 0, 1_000);
    tail = (tail + data.toString('latin1', Math.max(0, data.length - 200))).slice(-200);
  });
  const over = once(socket, 'end');
  const lines = ['host: bench', 'connection: close'];
  if (makes) {
    socket.write(`GET /${name}?bytes=${bytes} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
  } else {
    socket.write(`POST /${name} HTTP/1.1\r\n${[...lines, `content-length: ${bytes}`].join('\r\n')}\r\n\r\n`);
    const piece = new Uint8Array(mebibyte);
    for (let sent = 0; sent < mib && !socket.destroyed; sent += 1) {
      if (!socket.write(piece)) await Promise.race([once(socket, 'drain'), over]);
    }
  }
  await over;
  socket.destroy();
  const isWhole = answersBytes ? received >= bytes && tail.endsWith('0\r\n\r\n') : tail.includes(String(bytes));
  if (!isWhole || !head.startsWith('HTTP/1.1 200 ')) {
    throw new Error(`/${name} answered with ${received} bytes, beginning with ${JSON.stringify(head.slice(0, 400))}`);
  }
}
