import { describe, expect, test } from 'vitest';
import { type HostConfig, resolveFunctionConfig, resolveHostConfig } from '../../src/config.ts';
import { readConfigFile } from '../../src/config-file.ts';
import { HostError } from '../../src/errors.ts';
import { configJsonSchema } from '../../src/config-schema.ts';
import { allOptions, environmentVariableOf, flagOf, isolationOptions } from '../../src/options.ts';
import { parseText, readEnvironment, settle } from '../../src/settings.ts';
import { temporaryFolder } from '../support/files.ts';

function problemOf(config: unknown): string {
  try {
    resolveHostConfig(config as HostConfig);
    return '';
  } catch (error) {
    expect(error).toBeInstanceOf(HostError);
    expect((error as HostError).code).toBe('ISOHOST_INVALID_OPTION');
    return (error as HostError).message;
  }
}

describe('options', () => {
  test('have defaults, and come back frozen', () => {
    const config = resolveHostConfig({});
    expect(config).toMatchObject({ isolates: 256, queueLength: 1_000, queueAgeMs: 10_000, exposeErrors: false });
    expect(Object.isFrozen(config)).toBe(true);
    const { limits, dialect } = resolveFunctionConfig(config, 'default', 'f');
    expect(limits).toMatchObject({ memoryMiB: 128, cpuTimeMs: 1_000, wallTimeMs: 30_000, startUpCpuMs: 1_000 });
    expect(dialect.name).toBe('web');
    expect(Object.isFrozen(limits)).toBe(true);
  });

  test.each([
    [{ memoryMiB: 4 }, ['memoryMiB', '4', '8']],
    [{ memoryMiB: '128' }, ['memoryMiB', '"128"', 'number']],
    [{ cpuTimeMs: 0 }, ['cpuTimeMs', '0']],
    [{ cpuTimeMs: 1.5 }, ['cpuTimeMs', '1.5', 'int']],
    [{ wallTimeMs: Number.NaN }, ['wallTimeMs']],
    [{ cpuTimems: 5 }, ['unknown option "cpuTimems"', 'did you mean "cpuTimeMs"?']],
    [{ memory: 5 }, ['unknown option "memory"']],
    [{ functions: { f: { memorMiB: 5 } } }, ['functions.f.memorMiB', 'did you mean "memoryMiB"?']],
    [{ functions: { f: { dialect: 'php' } } }, ['functions.f.dialect', '"php"', 'web']],
    [{ tenants: { t: { functions: { f: { env: { A: 5 } } } } } }, ['tenants.t.functions.f.env.A', '5', 'string']],
    [{ corsOrigins: 'https://x' }, ['corsOrigins', 'array']],
  ])('%j are refused with the value and what it must be', (config, parts) => {
    const problem = problemOf(config);
    for (const part of parts) expect(problem).toContain(part);
  });

  test('tell of every problem at once', () => {
    expect(problemOf({ memoryMiB: 1, cpuTimeMs: -1, nope: 1 }).split('\n')).toHaveLength(3);
  });

  test('of a function come from the deployment, the function, the tenant and the host, in this order', () => {
    const host = resolveHostConfig({
      cpuTimeMs: 1,
      wallTimeMs: 1,
      timers: 1,
      logLines: 1,
      tenants: { t: { wallTimeMs: 2, timers: 2, logLines: 2, functions: { f: { timers: 3, logLines: 3 } } } },
    });
    const { limits } = resolveFunctionConfig(host, 't', 'f', { logLines: 4 });
    expect(limits).toMatchObject({ cpuTimeMs: 1, wallTimeMs: 2, timers: 3, logLines: 4 });
  });

  test('have a flag and a variable each, none twice', () => {
    const names = Object.keys(allOptions);
    expect(flagOf('memoryMiB')).toBe('--memory-mib');
    expect(flagOf('startUpCpuMs')).toBe('--start-up-cpu-ms');
    expect(environmentVariableOf('memoryMiB')).toBe('ISOHOST_MEMORY_MIB');
    expect(environmentVariableOf('port')).toBe('PORT');
    expect(new Set(names.map(flagOf)).size).toBe(names.length);
    expect(new Set(names.map(environmentVariableOf)).size).toBe(names.length);
  });
});

test('the JSON Schema has every key of the file, and what it means', () => {
  const { properties } = configJsonSchema() as { properties: Record<string, { description?: string }> };
  const { properties: isolation } = properties['isolation'] as { properties: Record<string, { description?: string }> };
  for (const [name, { description }] of Object.entries(allOptions)) {
    expect((name in isolationOptions ? isolation : properties)[name]?.description, name).toBe(description);
  }
});

describe('text', () => {
  test.each([
    ['port', '0', 0],
    ['memoryMiB', '64', 64],
    ['tenants', 'true', true],
    ['tenants', '0', false],
    ['corsOrigins', 'https://a, https://b', ['https://a', 'https://b']],
    ['log', 'json', 'json'],
  ] as const)('of %s is read: %j', (name, text, value) => {
    expect(parseText(name, text, 'X')).toEqual(value);
  });

  test.each([
    ['port', 'http'],
    ['port', '65536'],
    ['port', '-1'],
    ['port', '0x10'],
    ['memoryMiB', '64MiB'],
    ['tenants', 'maybe'],
    ['log', 'xml'],
  ] as const)('of %s is refused: %j', (name, text) => {
    expect(() => parseText(name, text, 'MY_VARIABLE')).toThrow(`MY_VARIABLE is "${text}"`);
  });

  test('of the environment is found by name', () => {
    expect(readEnvironment({ PORT: '81', ISOHOST_MEMORY_MIB: '64', ISOHOST_NOPE: 'x', ISOHOST_HOST: '' })).toEqual({
      port: 81,
      memoryMiB: 64,
    });
  });

  test('of flags goes before that of the environment, and both before the file', () => {
    expect(settle('port', { port: 1 }, { port: 2 }, { port: 3 })).toBe(1);
    expect(settle('port', {}, { port: 2 }, { port: 3 })).toBe(2);
    expect(settle('port', {}, {}, { port: 3 })).toBe(3);
    expect(settle('port', {}, {}, {})).toBe(8080);
  });
});

describe('the configuration file', () => {
  test.each([
    ['isohost.config.ts', 'const port: number = 81;\nexport default { port, functions: { f: { memoryMiB: 64 } } };'],
    ['isohost.config.js', 'export default { port: 81, functions: { f: { memoryMiB: 64 } } };'],
    ['isohost.config.json', '{ "port": 81, "functions": { "f": { "memoryMiB": 64 } } }'],
  ])('may be %s', async (name, text) => {
    await using folder = await temporaryFolder({ [name]: text, 'package.json': '{"type":"module"}' });
    expect(await readConfigFile(folder.path, undefined)).toEqual({ port: 81, functions: { f: { memoryMiB: 64 } } });
  });

  test.each([
    ['isohost.config.ts', 'export default { port: 81 as number };'],
    ['isohost.config.js', '// a module\nexport default Promise.resolve({ port: 81 });'],
    ['isohost.config.js', 'module.exports = { port: 81 };'],
    ['isohost.config.json', '{ "$schema": "x", "port": 81 }'],
  ])('%s may be in a project of CommonJS: %s', async (name, text) => {
    await using folder = await temporaryFolder({ [name]: text, 'package.json': '{"type":"commonjs"}' });
    expect(await readConfigFile(folder.path, undefined)).toMatchObject({ port: 81 });
  });

  test('need not be there', async () => {
    await using folder = await temporaryFolder();
    expect(await readConfigFile(folder.path, undefined)).toEqual({});
  });

  test('must be there when it is named', async () => {
    await using folder = await temporaryFolder();
    await expect(readConfigFile(folder.path, folder.file('my.json'))).rejects.toMatchObject({
      code: 'ISOHOST_CONFIG_FILE',
    });
  });

  test.each([
    ['isohost.config.json', '{', 'cannot be read'],
    ['isohost.config.js', 'export const a = 1', 'no default export'],
    ['isohost.config.js', 'throw new Error("oops")', 'oops'],
    ['isohost.config.json', '{ "prot": 1 }', 'did you mean "port"?'],
    ['isohost.config.json', '[]', 'the options are []'],
    ['isohost.config.json', '{ "tenants": { "a": { "cpuTimeMs": "x" } } }', 'tenants'],
  ])('%s with %j is refused', async (name, text, problem) => {
    await using folder = await temporaryFolder({ [name]: text });
    await expect(readConfigFile(folder.path, undefined)).rejects.toThrow(problem);
  });
});
