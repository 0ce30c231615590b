/** The command line, as people and containers use it: as a process. */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import { describe, expect, test } from 'vitest';
import { processTree } from '../../bundler/process-tree.ts';
import { allOptions, environmentVariableOf, flagOf } from '../../src/options.ts';
import { cli, run, startServer } from '../support/cli.ts';
import { temporaryFolder } from '../support/files.ts';

describe('isohost --help', () => {
  test('names the commands', async () => {
    const { code, out } = await run(['--help']);
    expect(code).toBe(0);
    expect(out).toMatch(/start \[options\] \[directory\]/);
    expect(out).toMatch(/kubeless/);
    expect(out).toMatch(/doctor \[options\] \[folder\]/);
  });

  test('of start names every option with its variable and default', async () => {
    const { out } = await run(['start', '--help']);
    const plain = out.replace(/\s+/g, ' ');
    for (const [name, { default: fallback, description }] of Object.entries(allOptions)) {
      expect(plain).toContain(flagOf(name));
      expect(plain).toContain(environmentVariableOf(name));
      expect(plain).toContain(description);
      if (typeof fallback === 'number') expect(plain).toContain(`default ${fallback}`);
    }
  });
});

describe('isohost refuses', () => {
  test.each([
    [['start', '--prot', '1'], 'Did you mean --port?'],
    [['strat'], 'Did you mean start?'],
    [['start', '--port', 'x'], '--port is "x"'],
    [['start', '--memory-mib', '4'], '--memory-mib is "4"'],
    [['start', 'no-such-directory'], 'there is no such directory'],
    [['start', '--config', 'nope.json'], 'there is no configuration file'],
    [['start', 'a', 'b'], 'too many arguments'],
  ])('%j', async (args, problem) => {
    const { code, err } = await run(args);
    expect(err).toContain(problem);
    expect(err).not.toMatch(/^\s+at /m);
    expect(code).toBe(2);
  });

  test('a variable of the environment that makes no sense', async () => {
    const { code, err } = await run(['start'], { env: { PORT: 'http' } });
    expect([code, err]).toEqual([2, expect.stringContaining('PORT is "http"')]);
  });

  test('a key of the configuration file that nobody knows', async () => {
    await using folder = await temporaryFolder({ 'isohost.config.json': '{"memoryMib":64}', 'functions/f.js': '' });
    const { code, err } = await run(['start'], { cwd: folder.path });
    expect([code, err]).toEqual([2, expect.stringContaining('did you mean "memoryMiB"?')]);
  });

  test('a port that is taken', async () => {
    await using folder = await temporaryFolder({ 'f.js': 'export default () => new Response("x")' });
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const { port } = other.address() as { port: number };
    const { code, err } = await run(['start', folder.path, '--port', String(port)]);
    other.close();
    expect([code, err]).toEqual([2, expect.stringContaining(`port ${port} is taken`)]);
  });
});

describe('isohost start', () => {
  const hello = { 'f.js': 'export default (request, env) => new Response("hi " + (env.NAME ?? ""))' };

  test('serves a directory, says so, and ends on SIGTERM', async () => {
    await using folder = await temporaryFolder(hello);
    await using server = await startServer(['start', folder.path, '--port', '0', '--log', 'pretty']);
    expect(await (await fetch(`${server.url}/f`)).text()).toBe('hi ');
    await expect
      .poll(server.output)
      .toMatch(/^GET \/f 200 [\d.]+ ms {2}cpu [\d.]+ ms {2}heap [\d.]+\/128 MiB {2}fresh$/m);
    server.child.kill('SIGTERM');
    expect(await server.exit).toBe(0);
  });

  test('takes options from flags, environment and file, in this order', async () => {
    await using folder = await temporaryFolder({
      'functions/f.js': 'export default () => new Response("x".repeat(300))',
      'isohost.config.json': '{"port":0,"responseBodyBytes":100,"log":"json","env":{"A":"1"}}',
    });
    const statusWith = async (args: readonly string[], env: Readonly<Record<string, string>>): Promise<number> => {
      await using server = await startServer(['start', ...args], { cwd: folder.path, env });
      return (await fetch(`${server.url}/f`)).status;
    };
    expect(await statusWith([], {})).toBe(500);
    expect(await statusWith([], { ISOHOST_RESPONSE_BODY_BYTES: '1000' })).toBe(200);
    expect(await statusWith(['--response-body-bytes', '200'], { ISOHOST_RESPONSE_BODY_BYTES: '1000' })).toBe(500);
  });

  test('serves the good functions although one is bad, and tells of it', async () => {
    await using folder = await temporaryFolder({ ...hello, 'bad.js': 'const = ', 'metrics.js': '' });
    await using server = await startServer(['start', folder.path, '--port', '0', '--log', 'pretty']);
    expect((await fetch(`${server.url}/f`)).status).toBe(200);
    expect((await fetch(`${server.url}/bad`)).status).toBe(500);
    expect(server.output()).toContain('bad.js:1:7');
    expect(server.output()).toContain('it would collide with the metrics at /metrics');
  });

  test('does not bundle anew what has not changed', async () => {
    await using folder = await temporaryFolder({ 'functions/f.js': hello['f.js'] });
    const bundlersOf = async (): Promise<number> => {
      const args = ['start', folder.file('functions'), '--port', '0', '--cache-folder', folder.file('caches')];
      await using server = await startServer(args);
      expect(await (await fetch(`${server.url}/f`)).text()).toBe('hi ');
      const kept = async () => (await readdir(folder.file('caches'))).filter((name) => name.endsWith('.bundle'));
      await expect.poll(kept).toHaveLength(1);
      const commands = processTree(server.child.pid!).map((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8'));
      return commands.filter((command) => /bundler.worker/.test(command)).length;
    };
    expect(await bundlersOf()).toBe(1);
    expect(await bundlersOf()).toBe(0);
  });

  test('runs each process from few files in a checkout, too', async () => {
    await using folder = await temporaryFolder(hello);
    await using server = await startServer(['start', folder.path, '--port', '0', '--cells', '1']);
    expect(await (await fetch(`${server.url}/f`)).text()).toBe('hi ');
    const commands = processTree(server.child.pid!).map((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8'));
    const cells = commands.filter((command) => /cells.cell\.[jt]s/.test(command));
    expect(cells.length).toBeGreaterThan(0);
    for (const cell of cells) expect(cell).toMatch(/\.cache.isohost.processes.\w+.dist.sandbox.cells.cell\.js/);
  });

  test('serves tenants', async () => {
    await using folder = await temporaryFolder({
      'one/f.js': 'export default () => new Response("one")',
      'two/f.js': 'export default () => new Response("two")',
    });
    await using server = await startServer(['start', folder.path, '--tenants', '--port', '0']);
    expect(await (await fetch(`${server.url}/one/f`)).text()).toBe('one');
    expect(await (await fetch(`${server.url}/two/f`)).text()).toBe('two');
  });

  test('gives functions the variables that they are granted, and no others', async () => {
    await using folder = await temporaryFolder({ 'f.js': 'export default (request, env) => Response.json(env)' });
    await using server = await startServer(['start', folder.path, '--port', '0', '--grant-env', 'NAME,MISSING'], {
      env: { NAME: 'x', SECRET: 'y' },
    });
    expect(await (await fetch(`${server.url}/f`)).json()).toEqual({ NAME: 'x' });
  });

  test('logs JSON where nobody sits before it', async () => {
    await using folder = await temporaryFolder(hello);
    await using server = await startServer(['start', folder.path, '--port', '0']);
    await fetch(`${server.url}/f`);
    await expect
      .poll(() =>
        server
          .output()
          .split('\n')
          .some((line) => line.startsWith('{') && (JSON.parse(line) as { type: string }).type === 'invocation'),
      )
      .toBe(true);
  });

  test('lets requests under way finish when it is told to stop', async () => {
    await using folder = await temporaryFolder({
      'slow.js':
        'export default async () => { console.log("begun"); await new Promise((r) => setTimeout(r, 500)); return new Response("done") }',
    });
    await using server = await startServer(['start', folder.path, '--port', '0']);
    const slow = fetch(`${server.url}/slow`);
    await expect.poll(server.output).toContain('begun');
    server.child.kill('SIGTERM');
    expect(await (await slow).text()).toBe('done');
    expect(await server.exit).toBe(0);
  });

  test('ends with the shell that npm has started it by', async () => {
    await using folder = await temporaryFolder(hello);
    const npm = { npm_lifecycle_event: 'start', LOG: folder.file('log') };
    const command = `"${process.execPath}" "${cli}" start "${folder.path}" --port 0 2> "$LOG"; true`;
    const shell = spawn('sh', ['-c', command], { env: { PATH: process.env['PATH'], ...npm }, stdio: 'ignore' });
    const log = (): string => readFileSync(npm.LOG, 'utf8');
    await expect.poll(() => existsSync(npm.LOG) && log()).toMatch(/^ready/m);
    const url = /^ready (\S+)$/m.exec(log())![1]!;
    expect((await fetch(`${url}/f`)).status).toBe(200);
    shell.kill('SIGTERM');
    await expect
      .poll(() =>
        fetch(url).then(
          () => 'serves',
          () => 'gone',
        ),
      )
      .toBe('gone');
  });

  test('does not wait for them longer than it is told', async () => {
    await using folder = await temporaryFolder({
      'slow.js':
        'export default async () => { console.log("begun"); await new Promise((r) => setTimeout(r, 20_000)); return new Response("done") }',
    });
    await using server = await startServer(['start', folder.path, '--port', '0', '--drain-ms', '200']);
    const slow = fetch(`${server.url}/slow`).then(
      (response) => response.status,
      () => 0,
    );
    await expect.poll(server.output).toContain('begun');
    server.child.kill('SIGTERM');
    expect(await server.exit).toBe(0);
    expect(await slow).not.toBe(200);
  });

  test.each([
    ['a function that runs', 'export default () => { for (;;); }', []],
    ['a function that runs, without cells', 'export default () => { for (;;); }', ['--cells', '0']],
  ])('ends at once when it is told twice, in spite of %s', async (_, code, flags) => {
    await using folder = await temporaryFolder({ 'f.js': code });
    await using server = await startServer(['start', folder.path, '--port', '0', '--cpu-time-ms', '60000', ...flags]);
    const running = fetch(`${server.url}/f`).catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, 300));
    server.child.kill('SIGTERM');
    await new Promise((resolve) => setTimeout(resolve, 300));
    server.child.kill('SIGTERM');
    await server.exit;
    await running;
  });

  test('ends in spite of an isolate that cannot be stopped', async () => {
    await using folder = await temporaryFolder({
      'f.js': 'export default () => Array.prototype.includes.call({ length: 2 ** 53 - 1 }, 1)',
    });
    const flags = '--port 0 --cells 0 --cpu-time-ms 100 --drain-ms 100'.split(' ');
    await using server = await startServer(['start', folder.path, ...flags]);
    expect((await fetch(`${server.url}/f`)).status).toBe(408);
    await expect.poll(async () => (await fetch(`${server.url}/readyz`)).status).toBe(503);
    server.child.kill('SIGTERM');
    await server.exit;
  });

  test('can be killed without leaving a process behind', async () => {
    await using folder = await temporaryFolder(hello);
    const server = await startServer(['start', folder.path, '--port', '0']);
    await fetch(`${server.url}/f`);
    const processes = descendantsOf(server.child.pid!);
    expect(processes.length).toBeGreaterThan(1);
    server.child.kill('SIGKILL');
    await server.exit;
    await expect(fetch(server.url)).rejects.toThrow();
    await expect.poll(() => processes.filter((pid) => existsSync(`/proc/${pid}`))).toEqual([]);
  });
});

function descendantsOf(pid: number): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
  return children.flatMap((child) => [child, ...descendantsOf(child)]);
}
