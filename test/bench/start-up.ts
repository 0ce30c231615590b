/**
 * How long `isohost start` takes, as multiples of `node -e 0` that is measured in turns with it: what the machine is, and what else it does,
 * meets both. Ten functions, whose bundles are kept from an earlier start; until it is ready, and until it has answered the first call.
 *
 *     npm run bench:start-up
 *     npm run bench:start-up -- --rounds 20 --cli dist/src/cli.js
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { median } from '../support/statistics.ts';

const functions = 10;
const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '11' },
    cells: { type: 'string' },
    cli: { type: 'string', default: fileURLToPath(new URL('../../src/checkout.js', import.meta.url)) },
  },
});

interface Times {
  readonly node: number;
  readonly ready: number;
  readonly answered: number;
}

const folder = await mkdtemp(join(tmpdir(), 'isohost-start-up-'));
try {
  await mkdir(join(folder, 'functions'));
  for (let index = 0; index < functions; index += 1) {
    const source = `export default (request: Request): Response => new Response('${index} ' + new URL(request.url).pathname);\n`;
    await writeFile(join(folder, `functions/f${index}.ts`), source);
  }
  // The first start makes what later ones find.
  await round();
  const times: Times[] = [];
  for (let count = 0; count < Number(values.rounds); count += 1) times.push(await round());
  const node = median(times.map((each) => each.node));
  say(`node -e 0: ${node.toFixed(0)} ms`);
  for (const name of ['ready', 'answered'] as const) {
    const ms = median(times.map((each) => each[name]));
    const multiple = median(times.map((each) => each[name] / each.node));
    say(`${name}: ${ms.toFixed(0)} ms, ${multiple.toFixed(2)} x node -e 0`);
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function round(): Promise<Times> {
  const node = await timeOf((child) => new Promise((done) => child.once('exit', done)), ['-e', '0']);
  let ready = 0;
  const args = [resolve(values.cli), 'start', '--port', '0'];
  if (values.cells !== undefined) args.push('--cells', values.cells);
  const answered = await timeOf(async (child, startedAt) => {
    const url = await readyUrl(child);
    ready = performance.now() - startedAt;
    const response = await fetch(`${url}/f0`);
    const text = await response.text();
    if (text !== '0 /f0') throw new Error(`${response.status} ${text}`);
  }, args);
  return { node, ready, answered };
}

async function timeOf(
  until: (child: ChildProcess, startedAt: number) => Promise<unknown>,
  args: readonly string[],
): Promise<number> {
  const startedAt = performance.now();
  const child = spawn(process.execPath, args, {
    cwd: folder,
    env: { PATH: process.env['PATH'], ISOHOST_CACHE_FOLDER: join(folder, 'cache') },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const exited = new Promise((done) => child.once('exit', done));
  await until(child, startedAt);
  const ms = performance.now() - startedAt;
  child.kill('SIGTERM');
  await exited;
  return ms;
}

function readyUrl(child: ChildProcess): Promise<string> {
  let output = '';
  return new Promise((done, fail) => {
    child.stderr!.on('data', (chunk) => {
      output += String(chunk);
      const [, url] = /^ready (\S+)$/m.exec(output) ?? [];
      if (url !== undefined) done(url);
    });
    child.once('exit', () => fail(new Error(output)));
  });
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
