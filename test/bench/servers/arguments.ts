/** What a server of this folder is started with: its port, and a file that lists its functions. */
import { readFileSync } from 'node:fs';
import process from 'node:process';
import type { FunctionFile } from '../functions.ts';

export function serverArguments(): { port: number; functions: readonly FunctionFile[] } {
  const [, , port, list] = process.argv;
  return { port: Number(port), functions: JSON.parse(readFileSync(list!, 'utf8')) as FunctionFile[] };
}

/** Of a server that has no more than one function. */
export function onlyFunction(functions: readonly FunctionFile[]): FunctionFile {
  if (functions.length !== 1) throw new Error(`one function is served, ${functions.length} were given`);
  return functions[0]!;
}
