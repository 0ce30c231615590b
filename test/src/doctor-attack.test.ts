/** The attacks themselves: a host that is lost to one is a verdict like any other, and the next are fired at a new one. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Attacker, type Broken, sampleOf } from '../../src/doctor/attack.ts';
import { patienceFor } from '../../src/doctor/hostile-case.ts';
import { describeExpectation, judge } from '../../src/doctor/judge.ts';
import { LocalTarget } from '../../src/doctor/local-target.ts';
import { Neighbour } from '../../src/doctor/neighbour.ts';
import { planAttacks } from '../../src/doctor/plan.ts';
import type { Attack } from '../../src/doctor/target.ts';
import { type HostConfig, resolveHostConfig } from '../../src/config.ts';
import { type HostileCase, hostileCases, hostileLimits } from '../hostile/index.ts';
import { handlerCase } from '../hostile/hostile-case.ts';

const target = new LocalTarget({ isolation: { cells: 0 } }, true);
beforeAll(async () => expect(await target.start()).toBeUndefined());
afterAll(() => target.close());

const attackOf = (hostile: HostileCase): Attack => ({
  hostile,
  function: hostile.name.replaceAll(/[^a-z]+/g, '-'),
  // Time enough for what ends the host to come to that, on a busy machine.
  config: {
    ...hostileLimits,
    ...patienceFor(hostile),
    backgroundCpuMs: 150,
    memoryMiB: hostile.memoryMiB,
    ...(hostile.memoryMiB > 100 && { cpuTimeMs: 30_000, wallTimeMs: 60_000 }),
  },
});

async function fire(...cases: HostileCase[]): Promise<Broken[]> {
  const broken: Broken[] = [];
  await new Attacker(target, { onAttack() {}, onBroken: (_, one) => broken.push(one) }).alone(cases.map(attackOf));
  return broken;
}

const fine = handlerCase('test: an answer', 'ok', 'return new Response("fine")', { text: 'fine' });
const loop = handlerCase('test: a loop', 'exceededCpu', 'for (;;);');

test('an attack that holds is none to tell of', async () => {
  expect(await fire(fine, loop)).toEqual([]);
});

test('another end than the expected one is told', async () => {
  const wrongText = handlerCase('test: another text', 'ok', 'return new Response("what")', { text: 'fine' });
  const wrongEnd = handlerCase('test: another end', ['ok', 'exception'], 'for (;;);');
  expect(await fire(wrongText, wrongEnd)).toEqual([
    { name: wrongText.name, round: 'alone', expected: 'ok with "fine"', seen: 'ok with "what" (status 200)' },
    { name: wrongEnd.name, round: 'alone', expected: 'ok or exception', seen: 'exceededCpu (status 408)' },
  ]);
});

test('what comes after the answer counts too', async () => {
  const body =
    'ctx.waitUntil(new Promise((r) => setTimeout(r, 50)).then(() => { for (;;); })); return new Response("x")';
  expect(await fire(handlerCase('test: after the answer', 'exceededCpu', body))).toEqual([]);
  expect(await fire(handlerCase('test: after the answer', 'ok', body))).toMatchObject([
    { seen: 'exceededCpu, told as ok (status 200)' },
  ]);
});

test('a host that ends is told of, and replaced', async () => {
  const neighbour = new Neighbour(target);
  neighbour.start();
  const splits = handlerCase('test: an end of the host', 'crashed', '/x/g[Symbol.match]("x".repeat(2 ** 27 + 5))', {
    memoryMiB: 1_024,
  });
  const broken = await fire(splits, fine);
  expect(broken).toMatchObject([
    {
      name: splits.name,
      expected: 'crashed',
      seen: expect.stringMatching(/^the process of the host ended: SIG/) as string,
    },
  ]);
  expect(target.lost).toBeUndefined();
  await neighbour.stop();
});

test('the neighbour tells when it is not served, and during what', async () => {
  const neighbour = new Neighbour(target);
  expect(await neighbour.introduce()).toBeUndefined();
  await target.forget('isohost-neighbour', 'neighbour');
  neighbour.during = 'an attack';
  neighbour.start();
  await new Promise((resolve) => setTimeout(resolve, 300));
  const { answers, wrong, examples } = await neighbour.stop();
  expect(wrong).toBe(answers);
  expect(wrong).toBeGreaterThan(0);
  expect(examples[0]).toBe('status 404, notFound, during "an attack"');
});

test('a verdict looks at outcome, status and text', () => {
  const expected = { outcomes: ['ok', 'crashed'], text: 'x' } as const;
  const crashed = { outcome: 'crashed', text: '' };
  expect(describeExpectation(expected)).toBe('ok with "x" or crashed');
  expect(judge(expected, { ...crashed, head: { status: 500, outcome: 'crashed' } })).toBeUndefined();
  expect(judge(expected, { ...crashed, head: { status: 200, outcome: 'crashed' } })).toContain('status 200');
  expect(judge(expected, { ...crashed, head: { status: 500, outcome: 'exception' } })).toContain('told as exception');
  expect(judge(expected, { outcome: '', text: '', head: { status: 200, outcome: '' } })).toBeDefined();
  expect(
    judge(expected, { outcome: 'suspended', text: '', head: { status: 503, outcome: 'suspended' } }),
  ).toBeUndefined();
  expect(judge(expected, { outcome: 'cut', text: 'x' })).toBeUndefined();
  expect(judge(expected, { outcome: 'answered', text: 'y' })).toContain('ok with "y"');
  expect(judge({ outcomes: ['exceededCpu'], text: 'x' }, { outcome: 'answered', text: 'x' })).toBeUndefined();
  expect(judge({ outcomes: ['exceededCpu'], text: 'x' }, { outcome: 'ok', text: 'x' })).toContain('ok with "x"');
  expect(judge({ outcomes: ['exceededCpu'] }, { outcome: 'answered', text: 'x' })).toContain('ok with "x"');
  expect(judge({ outcomes: ['ok'] }, { outcome: 'cut', text: '' })).toBe('cut');
});

test('what a configuration does not permit, or does not survive, is left out', () => {
  const plan = (config: HostConfig) =>
    planAttacks({ limits: hostileLimits, cases: hostileCases }, [], resolveHostConfig(config));
  const reasons = (config: HostConfig) => [...new Set(plan(config).skipped.map(({ reason }) => reason))];
  const untrusted = 'nothing in the configuration is trusted';
  expect(reasons({ isolation: { cells: 1, trust: 'trusted' }, memoryBudgetMiB: 4_000 })).toEqual([]);
  expect(reasons({ isolation: { cells: 1 }, memoryBudgetMiB: 4_000 })).toEqual([untrusted]);
  expect(reasons({ memoryBudgetMiB: 4_000 })).toEqual(['a host without cells does not survive it']);
  expect(reasons({ isolation: { cells: 1, trust: 'trusted' }, memoryBudgetMiB: 1_500 })).toEqual([
    'it needs 2048 MiB, memoryBudgetMiB is 1500',
  ]);
  // One function that may generate code is enough.
  const tenants = { one: { functions: { f: { isolation: { trust: 'trusted' as const } } } } };
  expect(reasons({ isolation: { cells: 1 }, memoryBudgetMiB: 4_000, tenants })).toEqual([]);
});

test('the second round has some of each class', () => {
  const corpus = { limits: hostileLimits, cases: hostileCases };
  const { attacks } = planAttacks(corpus, [], resolveHostConfig({ isolation: { cells: 1, trust: 'trusted' } }));
  expect(attacks).toHaveLength(hostileCases.length);
  const sample = sampleOf(attacks);
  expect(sample.length).toBeGreaterThan(60);
  expect(sample.length).toBeLessThan(100);
  expect(new Set(sample).size).toBe(sample.length);
  const classes = (list: readonly Attack[]) => new Set(list.map(({ hostile }) => hostile.name.split(':')[0]));
  expect(classes(sample)).toEqual(classes(attacks));
});
