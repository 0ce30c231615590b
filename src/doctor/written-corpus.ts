/** The corpus as a folder: functions and a configuration to deploy anywhere, and what to expect of them. */
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { type FileConfig, validate } from '../config.ts';
import { HostError } from '../errors.ts';
import { type HostileCase, hostileOutcomes } from './hostile-case.ts';
import { neighbourCode } from './local-target.ts';
import type { Attack } from './target.ts';

const expectationsFile = 'expectations.json';
const configFile = 'isohost.config.json';
const neighbour = 'neighbour';
const format = 1;

const count = (maximum: number) => z.number().int().min(0).max(maximum);
const schema = z.strictObject({
  format: z.literal(format),
  neighbour: z.string(),
  cases: z.array(
    z.strictObject({
      function: z.string().regex(/^[A-Za-z0-9_-]{1,63}$/),
      name: z.string().regex(/^[a-z-]+: /),
      outcomes: z.array(z.enum(hostileOutcomes)).min(1),
      text: z.string().optional(),
      method: z.enum(['GET', 'POST']),
      bodyBytes: count(2 ** 30),
      calls: count(100),
    }),
  ),
});

export interface WrittenCorpus {
  readonly neighbour: string;
  readonly attacks: readonly Attack[];
}

/**
 * @param config What the user has set beside.
 * @throws HostError ISOHOST_DIRECTORY when the folder is not one that the doctor may fill.
 */
export async function writeCorpus(folder: string, attacks: readonly Attack[], config: FileConfig): Promise<void> {
  const functions = join(folder, 'functions');
  try {
    await mkdir(functions, { recursive: true });
    const present = await readdir(folder);
    if (!present.includes(expectationsFile) && present.length > 1)
      throw new Error('it is not empty; name a new folder, or one that was written before');
    await writeFile(join(functions, `${neighbour}.cjs`), neighbourCode);
    for (const { hostile, function: name } of attacks) await writeFile(join(functions, `${name}.cjs`), hostile.code);
    const table = Object.fromEntries(attacks.map((attack) => [attack.function, attack.config]));
    await writeJson(join(folder, configFile), { ...config, functions: table });
    const cases = attacks.map(({ hostile, function: name }) => expectationOf(hostile, name));
    await writeJson(join(folder, expectationsFile), { format, neighbour, cases });
  } catch (error) {
    const { message } = error as Error;
    throw new HostError('ISOHOST_DIRECTORY', `the attacks cannot be written to "${folder}": ${message}`, {
      cause: error,
    });
  }
}

function expectationOf({ name, outcomes, text, method, bodyBytes, calls }: HostileCase, fn: string): object {
  return { function: fn, name, outcomes, text, method, bodyBytes, calls };
}

/** @throws HostError ISOHOST_DIRECTORY or ISOHOST_INVALID_OPTION */
export async function readWrittenCorpus(folder: string): Promise<WrittenCorpus> {
  const file = join(folder, expectationsFile);
  let content: unknown;
  try {
    content = JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    const { message } = error as Error;
    throw new HostError(
      'ISOHOST_DIRECTORY',
      `"${file}" cannot be read: ${message}; name the folder that isohost doctor --write has made`,
      { cause: error },
    );
  }
  const written = validate(schema, content, `${file}: `) as z.infer<typeof schema>;
  const attacks = written.cases.map(({ function: name, ...expectation }): Attack => {
    const rest = { code: '', inline: true, trust: 'untrusted', memoryMiB: 0 } as const;
    return { function: name, config: {}, hostile: { ...rest, ...expectation } };
  });
  return { neighbour: written.neighbour, attacks };
}

async function writeJson(file: string, value: object): Promise<void> {
  await writeFile(file, `${JSON.stringify(value, undefined, 2)}\n`);
}
