/** README tells the truth: its tables are those of the code, and its examples run. */
import { spawn } from 'node:child_process';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { guestBuiltins, outcomeKinds } from '../../sandbox/index.ts';
import { errorCatalogue } from '../../src/errors.ts';
import { outcomeStatus } from '../../src/status.ts';
import { conformanceTable } from '../support/conformance.ts';
import { idleSources } from '../support/metrics.ts';
import { packageTables } from '../support/packages.ts';
import { exampleOf, firstCells, optionTables, readReadme, sectionOf } from '../support/readme.ts';

const readme = readReadme();
const root = fileURLToPath(new URL('../..', import.meta.url));

describe('the table', () => {
  test('of outcomes has every outcome, with its status', () => {
    const section = sectionOf(readme, 'outcomes');
    expect(firstCells(section)).toEqual([...outcomeKinds]);
    for (const kind of outcomeKinds) {
      const status = kind === 'ok' ? "the function's" : String(outcomeStatus[kind].status);
      expect(section).toContain(`| \`${kind}\` | ${status} |`);
    }
  });

  test('of options is that of the code', () => {
    expect(sectionOf(readme, 'options')).toBe(optionTables());
  });

  test('of errors has every code, with its meaning', () => {
    const section = sectionOf(readme, 'errors');
    expect(firstCells(section)).toEqual(Object.keys(errorCatalogue));
    for (const [code, meaning] of Object.entries(errorCatalogue))
      expect(section).toContain(`| \`${code}\` | ${meaning} |`);
  });

  test('of packages is that of the cases that run', () => {
    expect(sectionOf(readme, 'packages')).toBe(packageTables());
  });

  test('of folders has every room', () => {
    for (const folder of ['src', 'sandbox', 'sandbox/guest', 'bundler', 'types', 'functions', 'test'])
      expect(readme).toContain(`](${folder}/)`);
  });
});

test('the list of Node\u2019s modules is that of the runtime', () => {
  const listed = [...sectionOf(readme, 'builtins').matchAll(/`([^`]+)`/g)].map(([, name]) => name);
  expect(listed).toEqual(Object.keys(guestBuiltins));
});

test('the table of conformance is that of the counts on record', () => {
  const squeeze = (table: string): string => table.replaceAll(/ *\| */g, '|').replaceAll(/-+/g, '-');
  expect(squeeze(sectionOf(readme, 'conformance'))).toBe(squeeze(conformanceTable()));
});

test('every metric that is named exists, and every one that exists is named', async () => {
  const { Metrics } = await import('../../src/metrics.ts');
  const exposition = await new Metrics(idleSources).expose();
  const existing = [...exposition.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name!);
  const named = [...readme.matchAll(/`(isohost_[a-z_]+)`/g)].map(([, name]) => name!);
  expect(new Set(named)).toEqual(new Set(existing));
});

test('links lead to files that are there', async () => {
  const links = [...readme.matchAll(/\]\(([^)#]+)\)/g)]
    .map(([, target]) => target!)
    .filter((target) => !/^https?:/.test(target));
  for (const link of links)
    await expect(readdir(`${root}${link}`).catch((error: { code: string }) => error.code)).resolves.not.toBe('ENOENT');
});

/** In the checkout, where the examples' packages are found. */
const workshop = `${root}.tmp/readme-${process.pid}`;
afterAll(() => rm(workshop, { recursive: true, force: true }));

/** Runs an example as a program of its own, on a free port, and asks it for a path. */
async function runExample(name: string, path: string): Promise<string> {
  const listening = 'isohost-example-port:';
  const code = exampleOf(readme, name)
    .replaceAll("'isohost'", JSON.stringify(`${root}src/index.ts`))
    .replace(/\b3000\b/, '0');
  const report = `
    import { Server } from 'node:http';
    const { listen } = Server.prototype;
    Server.prototype.listen = function (...args) {
      this.once('listening', () => process.stdout.write('${listening}' + this.address().port + '\\n'));
      return listen.apply(this, args);
    };`;
  await mkdir(workshop, { recursive: true });
  await writeFile(`${workshop}/report.mjs`, report);
  await writeFile(`${workshop}/${name}.ts`, code);
  const child = spawn(process.execPath, ['--import', `${workshop}/report.mjs`, `${workshop}/${name}.ts`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const port = await new Promise<string>((resolve, reject) => {
      let output = '';
      child.stdout.on('data', (chunk: Buffer) => {
        output += chunk.toString();
        const found = new RegExp(`${listening}(\\d+)`).exec(output);
        if (found !== null) resolve(found[1]!);
      });
      child.once('exit', (status) => reject(new Error(`the example ended with ${String(status)}`)));
    });
    const response = await fetch(`http://127.0.0.1:${port}${path}`);
    expect(response.headers.get('x-isohost-outcome')).toBe('ok');
    return await response.text();
  } finally {
    child.kill('SIGKILL');
  }
}

describe('the example', () => {
  test.each([
    ['hono', 'Hello from Hono'],
    ['express', 'Hello from Express'],
    ['fastify', 'Hello from Fastify'],
  ])('for %s runs', async (name, text) => {
    expect(await runExample(name, '/functions/hello')).toBe(text);
  });
});
