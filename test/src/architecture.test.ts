/** Who may import whom. The directions keep the sandbox free of HTTP and esbuild, and guest code free of the host. */
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

async function importsOf(entry: string): Promise<Map<string, string[]>> {
  const { metafile } = await build({
    entryPoints: [entry],
    absWorkingDir: root,
    bundle: true,
    write: false,
    metafile: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    logLevel: 'silent',
  });
  return new Map(Object.entries(metafile.inputs).map(([file, { imports }]) => [file, imports.map(({ path }) => path)]));
}

const graphs = await Promise.all(
  ['src/cli.ts', 'src/index.ts', 'src/doctor/host-child.ts', 'sandbox/guest/core/index.ts', 'bundler/worker.ts'].map(
    importsOf,
  ),
);
const graph = new Map(graphs.flatMap((imports) => [...imports]));
const filesOf = (folder: string) => [...graph].filter(([file]) => file.startsWith(folder));

describe('imports', () => {
  test.each([
    ['sandbox/', /^(?:src|bundler)\//],
    ['bundler/', /^(?:src|sandbox)\//],
    ['sandbox/guest/', /^(?!sandbox\/(?:guest\/|wire\.ts$|socket-frames\.ts$))/],
    ['src/status.ts', /^src\//],
  ])('of %s lead nowhere that they may not', (folder, forbidden) => {
    const found = filesOf(folder).flatMap(([file, imports]) =>
      imports
        .filter((path) => forbidden.test(path) && !isPackageOfGuest(file, path))
        .map((path) => `${file} -> ${path}`),
    );
    expect(found).toEqual([]);
  });

  test.each([
    ['isolated-vm', ['sandbox/isolate.ts']],
    ['prom-client', ['src/metrics.ts']],
    ['undici', ['sandbox/egress/http-client.ts']],
    ['ws', ['sandbox/egress/socket-client.ts', 'src/upgrade.ts']],
    ['commander', ['src/command-line.ts']],
    ['node:http', ['src/server.ts']],
  ])('of %s stand in one file', (name, files) => {
    const importers = [...graph].filter(([, imports]) => imports.includes(name)).map(([file]) => file);
    expect(importers).toEqual(files);
  });

  test('of the doctor stand in the command line: nobody else pays for it', () => {
    const importers = filesOf('src/').filter(([, imports]) => imports.some((path) => path.startsWith('src/doctor/')));
    const others = importers.map(([file]) => file).filter((file) => !file.startsWith('src/doctor/'));
    expect(others).toEqual(['src/command-line.ts']);
  });

  test('of esbuild stand in the bundler', () => {
    for (const [file, imports] of graph) if (imports.includes('esbuild')) expect(file).toMatch(/^bundler\//);
  });
});

/** Packages that the guest runtime is made of are bundled into it. */
function isPackageOfGuest(file: string, path: string): boolean {
  return file.startsWith('sandbox/guest/') && !path.startsWith('node:') && !/^(?:src|sandbox|bundler)\//.test(path);
}
