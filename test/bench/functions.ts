/** Builds the functions of the workloads, one file for each dialect, all from the same code. */
import { build } from 'esbuild';
import { appendFile, copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export type DialectName = 'web' | 'kubeless' | 'framework' | 'script';

/** A function as a contestant finds it: a single file without imports. */
export interface FunctionFile {
  /** In the path of its URL. */
  readonly name: string;
  readonly file: string;
}

/** Constants that are filled in when a function is built. */
export type Constants = Readonly<Record<string, string | number>>;

/** What is in a function beside the workload itself: only what that has a use for, as in a function that somebody writes for it. */
const needs: Readonly<Record<string, { readonly body?: true; readonly headers?: true; readonly stream?: true }>> = {
  json: { body: true },
  jwt: { headers: true },
  stream: { stream: true },
};

const forms = {
  web: { format: 'esm', ending: 'mjs' },
  kubeless: { format: 'cjs', ending: 'cjs' },
  framework: { format: 'cjs', ending: 'cjs' },
  script: { format: 'iife', ending: 'js' },
} as const;

/** @param source File of functions/, without its ending. */
export async function buildFunction(
  source: string,
  dialect: DialectName,
  folder: string,
  constants: Constants,
): Promise<FunctionFile> {
  const { format, ending } = forms[dialect];
  const file = join(folder, `${source}-${dialect}.${ending}`);
  const { body = false, headers = false, stream = false } = needs[source] ?? {};
  await build({
    entryPoints: [fileURLToPath(new URL(`./dialects/${dialect}.ts`, import.meta.url))],
    alias: { workload: fileURLToPath(new URL(`./functions/${source}`, import.meta.url)) },
    outfile: file,
    bundle: true,
    format,
    platform: 'neutral',
    conditions: ['worker', 'browser'],
    mainFields: ['module', 'main'],
    target: 'es2022',
    jsx: 'automatic',
    legalComments: 'none',
    minify: true,
    define: {
      'process.env.NODE_ENV': '"production"',
      READS_BODY: String(body),
      READS_HEADERS: String(headers),
      STREAMS: String(stream),
      ...Object.fromEntries(Object.entries(constants).map(([name, value]) => [name, JSON.stringify(value)])),
    },
    logLevel: 'error',
  });
  return { name: source, file };
}

/** Copies a function many times over, each copy with something in it that no other has. */
export function copyFunction({ file }: FunctionFile, count: number, folder: string): Promise<FunctionFile[]> {
  return Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const copy = join(folder, `f${index}${/\.\w+$/.exec(file)![0]}`);
      await copyFile(file, copy);
      await appendFile(copy, `\nglobalThis.functionNumber = ${index};\n`);
      return { name: `f${index}`, file: copy };
    }),
  );
}
