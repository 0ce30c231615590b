import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Bundler, BundlerClosed } from './bundler.ts';
import { Look, type Looked } from './fingerprint.ts';
import { type BundleFacts, joinTwo, PackedBundle, splitTwo } from './packed-bundle.ts';
import type { BundleOutput, BundleRequest } from './types.ts';

/** Where bundles are kept from one start to the next. Only this user can write there: what comes out of it is run. */
export interface BundleStore {
  nameOf(...parts: readonly string[]): string;
  read(name: string): Promise<Buffer | undefined>;
  write(name: string, data: Buffer): Promise<void>;
}

interface Kept {
  readonly looked: Looked;
  /** What `Look` saw when the bundle had been made. */
  readonly seen: string;
  readonly facts: BundleFacts;
}

/** Version of the files' format. */
const format = 2;
/** Clocks of file systems tick this coarsely, and a bit more. */
const clockMs = 50;

/**
 * Has bundles kept, so that a function that has not changed is not bundled again at the next start: no process is started then, and no
 * esbuild. A function that cannot be bundled is tried each time.
 */
export function keepBundles(bundler: Bundler, store: BundleStore): Bundler {
  let together: Look | undefined;
  /** Whoever asks at the same moment looks together: functions of one folder have much in common. */
  const look = (): Look => {
    if (together === undefined) {
      together = new Look();
      setImmediate(() => {
        together = undefined;
      });
    }
    return together;
  };
  const find = async (name: string, request: BundleRequest): Promise<BundleOutput | undefined> => {
    const data = await store.read(name);
    if (data === undefined) return undefined;
    const [head, texts] = splitTwo(data);
    const { looked, seen, facts } = JSON.parse(head.toString()) as Kept;
    // The path may lead elsewhere by now.
    const now = { ...looked, roots: await rootsOf(request) };
    return (await look().at(now)) === seen ? PackedBundle.from(texts, facts) : undefined;
  };
  const keep = async (name: string, request: BundleRequest, bundle: PackedBundle, startedMs: number): Promise<void> => {
    const { facts } = bundle;
    const looked: Looked = {
      files: facts.inputs,
      roots: await rootsOf(request),
      folders: [request.base],
      nodeModules: request.nodeModules,
    };
    const own = new Look();
    const seen = await own.at(looked);
    // A file that was changed meanwhile may have been read before or after.
    if (seen === undefined || own.changedMs > startedMs - clockMs) return;
    const head = Buffer.from(JSON.stringify({ looked, seen, facts } satisfies Kept));
    await store.write(name, joinTwo(head, bundle.toData()));
  };
  const writing = new Set<Promise<void>>();
  let isClosed = false;
  return {
    async bundle(request) {
      const name = store.nameOf(`${format}`, bundlerIdentity(), JSON.stringify(request));
      const kept = await find(name, request);
      if (isClosed) throw new BundlerClosed();
      if (kept !== undefined) return kept;
      const startedMs = Date.now();
      const output = await PackedBundle.of(await bundler.bundle(request));
      // Nobody waits for it; what keeps it from being kept costs the next start some time.
      const written = keep(name, request, output, startedMs).catch(() => {});
      writing.add(written);
      void written.then(() => writing.delete(written));
      return output;
    },
    async close() {
      isClosed = true;
      await bundler.close();
      await Promise.all(writing);
    },
  };
}

/** The folder that a function's own imports stay in; code without a file has none. */
async function rootsOf({ code }: BundleRequest): Promise<string[]> {
  if (!('path' in code)) return [];
  const real = await realpath(code.path).catch(() => undefined);
  if (real === undefined) return [];
  return [(await stat(real)).isDirectory() ? real : dirname(real)];
}

let identity: string | undefined;

/** Another esbuild, or another version of these files, makes other bundles. */
function bundlerIdentity(): string {
  if (identity !== undefined) return identity;
  const digest = createHash('sha256').update(esbuildVersion());
  const folder = fileURLToPath(new URL('.', import.meta.url));
  for (const name of readdirSync(folder).sort()) {
    if (/\.[jt]s$/.test(name)) digest.update(`${name}\n`).update(readFileSync(join(folder, name)));
  }
  identity = digest.digest('hex');
  return identity;
}

function esbuildVersion(): string {
  const file = createRequire(import.meta.url).resolve('esbuild/package.json');
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}
