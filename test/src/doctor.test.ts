/** `isohost doctor` as people and CI call it. */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { type DoctorInput, examine, examineUrl, type Report, reportLines, write } from '../../src/doctor/index.ts';
import { HostError } from '../../src/errors.ts';
import { run, startServer } from '../support/cli.ts';
import { temporaryFolder } from '../support/files.ts';

interface Written {
  cases: { function: string; name: string; outcomes: string[]; text?: string }[];
}

/** What the command line hands over. */
function inputOf(folder: string | undefined, only: readonly string[] = []): DoctorInput {
  return { folder, flags: {}, environment: {}, file: {}, only, onProgress() {} };
}

describe.concurrent('isohost doctor', () => {
  test('finds a configuration healthy that is', async () => {
    await using folder = await temporaryFolder({
      'functions/f.ts': 'export default () => new Response("x" as string)',
    });
    const limits = '--cpu-time-ms 200 --wall-time-ms 1000 --request-body-bytes 300000';
    const args = `doctor functions --cells 1 ${limits} --only limits --json`.split(' ');
    const { code, out } = await run(args, { cwd: folder.path });
    const report = JSON.parse(out) as Report;
    expect(report.broken).toEqual([]);
    expect(report.checks.filter(({ status }) => status === 'fail')).toEqual([]);
    expect(report).toMatchObject({
      isHealthy: true,
      subject: expect.stringContaining('1 cell, untrusted') as string,
      classes: [{ class: 'limits', cases: 5, held: 5, broken: 0, skipped: 0 }],
      skipped: {},
      inParallel: 5,
      neighbour: { wrong: 0, examples: [] },
      events: [],
    });
    expect(report.neighbour!.answers).toBeGreaterThan(5);
    const names = report.checks.map(({ name }) => name);
    expect(names).toEqual(
      expect.arrayContaining(['node', 'isolated-vm', 'cpu clock', 'memory budget', 'cells', 'cell rights', 'limits']),
    );
    expect(report.checks.find(({ name }) => name === 'engine flag')?.found).toContain('is in effect');
    expect(report.checks.find(({ name }) => name === 'functions')?.found).toBe('all 1 can be bundled');
    expect(code).toBe(0);
  });

  test('finds out a configuration that is weak, and says what to do', async () => {
    await using folder = await temporaryFolder({
      'functions/good.js': 'export default () => new Response("x")',
      'functions/bad.js': 'const = ',
      'isohost.config.json': JSON.stringify({
        memoryBudgetMiB: 100_000_000,
        cpuTimeMs: 120_000,
        isolation: { cells: 0 },
        functions: { good: { wallTimeMs: 3_600_000 } },
      }),
    });
    const { code, out } = await run(['doctor', '--only', 'log'], { cwd: folder.path });
    expect(out).toContain('no cells, trusted functions');
    expect(out).toMatch(/fail {2}memory budget +100000000 MiB are promised[^\n]*\n +lower memoryBudgetMiB to \d+/);
    expect(out).toMatch(/warn {2}cells +none/);
    expect(out).toMatch(/warn {2}limits +cpuTimeMs is 120000\n +one call keeps a core for minutes/);
    expect(out).toMatch(/warn {2}limits +wallTimeMs is 3600000 of good\n/);
    expect(out).toMatch(/fail {2}functions +.*bad\.js/);
    expect(out).toMatch(/^ {2}log +12 +12 +0$/m);
    expect(out).toMatch(/^Not healthy: 12 attacks held, 2 checks failed, \d+ warnings\. \(\d+ s\)$/m);
    expect(code).toBe(1);
  });

  test('finds out a deployment that is weak, over HTTP', { timeout: 90_000 }, async () => {
    await using folder = await temporaryFolder();
    const written = folder.file('attacks');
    const wrote = await run(['doctor', '--write', written, '--cells', '1', '--only', 'output']);
    expect([wrote.code, wrote.out]).toEqual([0, expect.stringContaining(`isohost doctor ${written} --url http`)]);
    const expectations = JSON.parse(await readFile(`${written}/expectations.json`, 'utf8')) as Written;
    expect(expectations.cases).toHaveLength(12);
    // Those that take no time.
    expectations.cases = expectations.cases.filter(({ outcomes: [first], text }) => {
      return first === 'exceededResponse' || (first === 'ok' && text !== undefined);
    });
    const save = () => writeFile(`${written}/expectations.json`, JSON.stringify(expectations));
    const limited = expectations.cases.find(({ outcomes }) => outcomes[0] === 'exceededResponse')!;
    const config = JSON.parse(await readFile(`${written}/isohost.config.json`, 'utf8')) as {
      functions: Record<string, { responseBodyBytes: number }>;
    };
    config.functions[limited.function]!.responseBodyBytes = 50_000_000;
    await writeFile(`${written}/isohost.config.json`, JSON.stringify(config));
    await using server = await startServer(['start', '--port', '0'], { cwd: written });

    expectations.cases = expectations.cases.filter((one) => one !== limited);
    await save();
    const healthy = await run(['doctor', written, '--url', server.url]);
    expect([healthy.code, healthy.out]).toEqual([0, expect.stringMatching(/^Healthy: \d attacks held\./m)]);

    const changed = expectations.cases.find(({ outcomes }) => outcomes[0] === 'ok')!;
    changed.text = 'something else';
    expectations.cases.push(limited);
    await save();
    const weak = await examineUrl(inputOf(written), `${server.url}/`);
    const out = reportLines(weak, false).join('\n');
    expect(out).toContain(`  ${changed.name}\n    expected  ok with "something else"\n    seen      ok with `);
    expect(out).toMatch(new RegExp(`  ${limited.name}\\n    expected  exceededResponse.*\\n    seen      ok with `));
    expect(out).toMatch(/^Not healthy: \d attacks held, 2 broke through\./m);
    expect(weak.isHealthy).toBe(false);
  });

  test('says so when nobody answers at a URL', async () => {
    await using folder = await temporaryFolder();
    const written = folder.file('attacks');
    expect(await write(inputOf(undefined, ['log']), written)).toBe(12);
    const report = await examineUrl(inputOf(written), 'http://127.0.0.1:9');
    const lines = reportLines(report, false);
    expect(lines[2]).toMatch(/^ {2}fail {2}deployment +http:\/\/127\.0\.0\.1:9\/neighbour is not served/);
    expect(lines.at(-1)).toMatch(/^Not healthy: no attack was fired, 1 check failed\./);
    expect(report.isHealthy).toBe(false);
    // What was written is written again, should it be there already.
    expect(await write(inputOf(undefined, ['leak']), written)).toBe(19);
  });

  test.each<[string, (folder: string) => Promise<unknown>]>([
    ['--url needs the folder', () => examineUrl(inputOf(undefined), 'http://127.0.0.1:9')],
    ['name the folder that isohost doctor --write has made', (path) => examineUrl(inputOf(path), 'http://127.0.0.1:9')],
    ['there is no such directory', (path) => examine(inputOf(`${path}/nope`, ['log']))],
    ['it is not empty', (path) => write(inputOf(undefined), path)],
    ['there is no class "x" of attacks; there are cpu,', () => write(inputOf(undefined, ['x']), '/nowhere')],
  ])('refuses: %s', async (problem, call) => {
    await using folder = await temporaryFolder({ 'a.txt': '', 'b.txt': '' });
    const error: unknown = await call(folder.path).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(HostError);
    expect((error as Error).message).toContain(problem);
    expect(await readdir(folder.path)).toEqual(expect.arrayContaining(['a.txt', 'b.txt']));
  });

  test('refuses expectations that the doctor cannot have written', async () => {
    const cases = [{ function: '../x', name: 'x', outcomes: ['fine'], method: 'DELETE', bodyBytes: -1, calls: 1e9 }];
    await using folder = await temporaryFolder({
      'expectations.json': JSON.stringify({ format: 1, neighbour: 'neighbour', cases }),
    });
    const error = (await examineUrl(inputOf(folder.path), 'http://127.0.0.1:9').catch(
      (reason: unknown) => reason,
    )) as Error;
    for (const key of ['function', 'name', 'outcomes.0', 'method', 'bodyBytes', 'calls'])
      expect(error.message).toContain(`option "cases.0.${key}"`);
  });

  test.each([
    [['--only', 'escap'], 'did you mean "escape"?; there are cpu, memory, abort,'],
    [['--port', '5'], 'unknown option'],
  ])('is refused %j', async (args, problem) => {
    const { code, err } = await run(['doctor', ...args]);
    expect(err).toContain(problem);
    expect(err).not.toMatch(/^\s+at /m);
    expect(code).toBe(2);
  });
});
