/** The benchmark itself is not run here; what turns its figures into README is. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import process from 'node:process';
import { describe, expect, it } from 'vitest';
import { cpuMsOf, identify, isSame, memoryOf, processTree } from './bench/process-tree.ts';
import { toSvg } from './bench/report/chart.ts';
import { toMarkdown } from './bench/report/markdown.ts';
import { Results, type ResultsFile } from './bench/results.ts';
import { readReadme, sectionOf } from './support/readme.ts';

const resultsFile = new URL('./bench/results.json', import.meta.url);

describe('what README says about speed', () => {
  const results = new Results(JSON.parse(readFileSync(resultsFile, 'utf8')) as ResultsFile);

  it('is what was measured', () => {
    expect(sectionOf(readReadme(), 'bench')).toContain(toMarkdown(results));
  });

  it('has the chart of the same figures', () => {
    expect(readFileSync(new URL('./bench/chart.svg', import.meta.url), 'utf8')).toBe(toSvg(results));
  });
});

describe('results', () => {
  const results = new Results({
    machine: {
      cpu: 'a <fast> & small one',
      cores: 2,
      memoryGiB: 4,
      kernel: 'Linux',
      node: '26',
      v8: '14',
      date: 'today',
    },
    effort: { seconds: 1, warmUpSeconds: 1, functions: 10 },
    samples: [
      ...[4, 2, 9].map((cpuMs, index) => ({
        round: index + 1,
        workload: 'hello' as const,
        contestant: 'hono',
        figures: { cpuMs, perSecond: 1_000, generatorShare: 0.99 },
      })),
      { round: 1, workload: 'hello', contestant: 'vm', figures: { cpuMs: 12, perSecond: 500, generatorShare: 0.2 } },
      { round: 1, workload: 'hello', contestant: 'quickjs', figures: { cpuMs: 2 } },
      { round: 1, workload: 'hello', contestant: 'floor', figures: { cpuMs: 2, perSecond: 500 } },
      { round: 1, workload: 'hello', contestant: 'floor-all', figures: { cpuMs: 4, perSecond: 600 } },
      { round: 1, workload: 'hello', contestant: 'ivm-fresh', figures: { cpuMs: 3 } },
      { round: 1, workload: 'hello', contestant: 'worker', figures: { cpuMs: 80, perSecond: 24 } },
      { round: 1, workload: 'hello', contestant: 'isohost-isolate-inline-web', figures: { cpuMs: 5 } },
    ],
    skips: [{ workload: 'jwt', contestant: 'quickjs', reason: 'the engine has no Web platform' }],
  });
  const report = toMarkdown(results);

  it('are medians over rounds, with ratios to the first contestant', () => {
    expect(results.median('hello', 'hono', 'cpuMs')).toBe(4);
    expect(report).toContain('| Hono, plain | 4 |');
    expect(report).toContain('| vm.runInNewContext (Kubeless) | 12 (3 x) |');
  });

  it('say where the generator of load was at its end', () => {
    expect(report).toContain('| Hono, plain | ≥ 1,000 |');
    expect(report).toContain('| vm.runInNewContext (Kubeless) | 500 (0.5 x) |');
  });

  it('say why a contestant is left out', () => {
    expect(report).toContain('- QuickJS per call (jwt): the engine has no Web platform');
  });

  it('show what V8 takes by itself, and calls as multiples of that', () => {
    expect(report).toContain('| a bare isolate, no server | 2 (0.5 x) |');
    expect(report).toContain('| the same on all cores at once | 600 (0.6 x) |');
    expect(report).toContain('| isohost: isolate, inline, Web | 2.5 x | 1.3 x |');
  });

  it('say what sets the limits, as far as that was measured', () => {
    expect(report).toContain('takes V8 2 ms of CPU on one core, and 4 ms where all cores do that at once');
    expect(report).toContain('takes 3 ms for a hello.');
    expect(report).toContain(
      'make 600 isolates a second and do nothing else meanwhile: that is 1.2 times what the server',
    );
    expect(report).toContain('and 25 times what one with a Worker per call does.');
    expect(report).not.toContain('**An isolate that lives on.**');
  });

  it('are drawn without a way out of the picture for names', () => {
    expect(toSvg(results)).toContain('a &lt;fast&gt; &amp; small one');
  });
});

describe('process trees', () => {
  it('count the CPU time of children, also of those that have ended, and no process twice', async () => {
    const burn = 'const end = Date.now() + 300; while (Date.now() < end);';
    const child = spawn(process.execPath, [
      '-e',
      `require('node:child_process').execFileSync(process.execPath, ['-e', ${JSON.stringify(burn)}]); console.log('done'); setInterval(() => {}, 1000);`,
    ]);
    try {
      await once(child.stdout, 'data');
      expect(processTree(child.pid!)).toEqual([child.pid]);
      // The machine may be busy with others: of the 300 ms it has at least some.
      expect(cpuMsOf(child.pid!)).toBeGreaterThan(40);
      const { rssMiB, pssMiB } = memoryOf(child.pid!);
      expect(rssMiB).toBeGreaterThan(10);
      expect(pssMiB).toBeLessThanOrEqual(rssMiB);
    } finally {
      const identity = identify(child.pid!);
      expect(isSame(identity)).toBe(true);
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
      expect(isSame(identity)).toBe(false);
    }
  });
});
