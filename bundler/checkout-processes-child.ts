/** A process that makes the few files of a checkout's command line, in a folder that is laid out as the package is. */
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkoutRuntime } from './checkout-runtime.ts';
import { bundleProcesses } from './process-bundles.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = process.argv[2]!;
const dist = join(folder, 'dist');
await mkdir(join(dist, 'sandbox'), { recursive: true });
await copyFile(join(root, 'package.json'), join(folder, 'package.json'));
await writeFile(join(dist, 'sandbox/guest-runtime.json'), JSON.stringify(await checkoutRuntime()));
await bundleProcesses(root, dist, '.ts');
