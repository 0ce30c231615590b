/** What people install from npm works in functions, and what does not is known. */
import { readdir, readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createHost, type Host } from '../../src/index.ts';
import { type PackageKind, packageKinds, refusedPackages } from './cases/index.ts';
import { installPackages, packagesFolder } from './install.ts';
import type { PackageCall } from './package-case.ts';
import { type Services, startServices } from './upstream.ts';

const functions = `${packagesFolder}functions`;
/** Of a host in cells every package is asked, of one without those that make most use of it. */
const kindsInline = ['http', 'clients'];

const allCases = Object.entries(packageKinds).flatMap(([kind, { cases }]) =>
  Object.entries(cases).map(([name, { trust, isApplication, ...rest }]) => ({
    name,
    trust,
    isApplication,
    target: isApplication === true ? name : (trust ?? kind),
    ...rest,
  })),
);
const applications = allCases.filter(({ isApplication }) => isApplication === true);

let services: Services;
let inCells: Host;
let inline: Host;

beforeAll(async () => {
  await installPackages();
  services = await startServices();
  inCells = await start(1, Object.keys(packageKinds));
  await deploy(inCells, 'trusted', `${functions}/trusted`, 'trusted');
  await deploy(inCells, 'untrusted', `${functions}/trusted`);
  inline = await start(0, kindsInline);
}, 300_000);

afterAll(async () => {
  await Promise.all([inCells?.close(), inline?.close(), services?.[Symbol.asyncDispose]()]);
});

async function start(cells: number, kinds: readonly string[]): Promise<Host> {
  const host = await createHost({
    isolation: { cells, trust: 'trusted' },
    env: { UPSTREAM: services.url },
    egress: { private: ['127.0.0.1'] },
    exposeErrors: true,
    // Loaded on the first call of each, and on a machine that others use.
    cpuTimeMs: 10_000,
    bundleBytes: 32 * 2 ** 20,
  });
  // One after the other: a bundling has a limit of time.
  for (const kind of kinds) await deploy(host, kind, `${functions}/${kind}`);
  for (const { name, trust } of applications) {
    await deploy(host, name, `${functions}/applications/${name}.ts`, trust ?? 'untrusted');
  }
  return host;
}

function deploy(
  host: Host,
  name: string,
  entry: string,
  trust: 'trusted' | 'untrusted' = 'untrusted',
): Promise<unknown> {
  return host.deploy({
    name,
    entry,
    base: functions,
    nodeModules: [`${packagesFolder}node_modules`],
    config: { isolation: { trust } },
  });
}

async function call(host: Host, target: string, name: string, expected: PackageCall): Promise<void> {
  const { path = '', method = 'GET', headers = {}, body, status = 200, answered = {}, answer } = expected;
  const request = new Request(`http://localhost/${name}${path}`, { method, headers, body: body ?? null });
  const { response } = await host.invoke(target, request);
  const text = await plainText(response);
  const outcome = response.headers.get('x-isohost-outcome');
  expect(response.status, `${outcome}: ${text.slice(0, 500)}`).toBe(status);
  for (const [header, value] of Object.entries(answered)) expect(response.headers.get(header)).toBe(value);
  if (answer instanceof RegExp) expect(text).toMatch(answer);
  else if (typeof answer === 'string') expect(text).toBe(answer);
  else expect(JSON.parse(text)).toEqual(answer);
}

function plainText(response: Response): Promise<string> {
  if (response.headers.get('content-encoding') !== 'gzip') return response.text();
  return new Response(response.body!.pipeThrough(new DecompressionStream('gzip'))).text();
}

describe('in a cell', () => {
  test.each(allCases)('$name works', async ({ name, target, calls }) => {
    for (const expected of calls) await call(inCells, target, name, expected);
  });

  test.each(allCases.filter(({ target }) => target === 'trusted'))(
    '$name says what it needs where code must not be generated',
    async ({ name, calls }) => {
      const answer = /where isolation\.trust is \\"trusted\\"/;
      for (const expected of calls) await call(inCells, 'untrusted', name, { ...expected, status: 500, answer });
    },
  );
});

describe('without cells', () => {
  test.each(allCases.filter(({ target, isApplication }) => isApplication === true || kindsInline.includes(target)))(
    '$name works',
    async ({ name, target, calls }) => {
      for (const expected of calls) await call(inline, target, name, expected);
    },
  );
});

/** Whether a function can be deployed and answers, with all that a function may. */
async function works(name: string): Promise<boolean> {
  try {
    await deploy(inline, name, `${functions}/refused/${name}.ts`, 'trusted');
  } catch (error) {
    expect((error as Error).message).toContain('which is not available to functions');
    return false;
  }
  const { response } = await inline.invoke(name, new Request('http://localhost/'));
  await response.body?.cancel();
  return response.ok;
}

test.each(Object.keys(refusedPackages))('%s still does not work; README says so', async (name) => {
  expect(await works(name)).toBe(false);
});

describe('the lists are complete:', () => {
  const named = Object.values(packageKinds).flatMap(({ cases }: PackageKind) =>
    Object.values(cases).flatMap(({ packages }) => packages),
  );

  test('every package that is installed is used, or refused', async () => {
    const manifest = JSON.parse(await readFile(`${packagesFolder}package.json`, 'utf8')) as {
      dependencies: Record<string, string>;
    };
    expect(new Set([...named, ...Object.keys(refusedPackages)])).toEqual(new Set(Object.keys(manifest.dependencies)));
  });

  test('every function is called', async () => {
    const files = await readdir(functions, { recursive: true });
    const names = files
      .filter((file) => /^[^/]+\/[\w-]+\.[jt]sx?$/.test(file))
      .map((file) => basename(file).split('.')[0]!);
    const known = [...allCases.map(({ name }) => name), ...Object.keys(refusedPackages)];
    expect(new Set(names)).toEqual(new Set([...known, 'index']));
  });

  test('the page of Svelte is what its compiler makes of it', async () => {
    const path = `${packagesFolder}node_modules/svelte/src/compiler/index.js`;
    const { compile } = (await import(path)) as {
      compile(source: string, options: object): { js: { code: string } };
    };
    const source = await readFile(`${functions}/rendering/page.svelte`, 'utf8');
    const compiled = await readFile(`${functions}/rendering/page.svelte.js`, 'utf8');
    expect(compiled).toBe(compile(source, { generate: 'server', filename: 'page.svelte' }).js.code);
  });
});
