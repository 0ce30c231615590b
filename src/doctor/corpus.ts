/** The hostile functions: in the package as a file that its build made, in a checkout those of the tests. */
import { readFile } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';
import type { FunctionConfig } from '../config.ts';
import type { HostileCase } from './hostile-case.ts';

export interface Corpus {
  /** Limits under which all cases run; memory is that of the case. */
  readonly limits: FunctionConfig;
  readonly cases: readonly HostileCase[];
}

/** Where the build puts it, from this file's place. */
export const builtCorpusFile = 'corpus.json.gz';
const checkoutCorpus = '../../test/hostile/index.ts';

export async function loadCorpus(): Promise<Corpus> {
  if (import.meta.url.endsWith('.ts')) {
    // By a name that the compiler does not follow: tests are no part of the package.
    const { hostileCases, hostileLimits } = (await import(new URL(checkoutCorpus, import.meta.url).href)) as {
      hostileCases: readonly HostileCase[];
      hostileLimits: FunctionConfig;
    };
    return { limits: hostileLimits, cases: hostileCases };
  }
  const packed = await readFile(new URL(builtCorpusFile, import.meta.url));
  return JSON.parse(gunzipSync(packed).toString()) as Corpus;
}
