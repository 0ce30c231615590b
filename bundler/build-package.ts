/**
 * Builds what is published: JavaScript and types of the three rooms, one file for each process that isohost starts, the guest runtime as
 * another, and as a further one the attacks of `isohost doctor`. Run by "npm run build".
 */
import { execFile } from 'node:child_process';
import { chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { bundleGuestRuntime } from './guest-runtime.ts';
import { bundleProcesses } from './process-bundles.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = join(root, 'dist');
/** Needed in a checkout only. */
const left = [
  'build-package',
  'guest-runtime',
  'guest-runtime-child',
  'process-bundles',
  'direct-builtins',
  'checkout-processes',
  'checkout-processes-child',
];

await rm(dist, { recursive: true, force: true });
await promisify(execFile)(join(root, 'node_modules/.bin/tsc'), ['-p', root], { cwd: root });
const runtimeFile = join(dist, 'sandbox/guest-runtime.json');
await mkdir(dirname(runtimeFile), { recursive: true });
await writeFile(runtimeFile, JSON.stringify(await bundleGuestRuntime(join(root, 'sandbox/guest'))));
// By a name that the compiler does not follow: tests are not compiled into the package.
const { hostileCases, hostileLimits } = (await import(new URL('../test/hostile/index.ts', import.meta.url).href)) as {
  hostileCases: readonly object[];
  hostileLimits: object;
};
const corpus = JSON.stringify({ limits: hostileLimits, cases: hostileCases });
// A megabyte of one letter is among it.
await writeFile(join(dist, 'src/doctor/corpus.json.gz'), gzipSync(corpus, { level: 9 }));
for (const name of left)
  for (const ending of ['.js', '.d.ts']) {
    if (name !== 'guest-runtime' || ending === '.js') await rm(join(dist, 'bundler', name + ending), { force: true });
  }
await bundleProcesses(dist, dist, '.js');
await chmod(join(dist, 'src/cli.js'), 0o755);
