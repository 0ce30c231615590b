import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { createInlineCodeCacheMaker } from '../../sandbox/inline-code-cache.ts';
import { openIsolate } from '../../sandbox/realm.ts';
import { rehearse, type RehearsalEnd } from '../../sandbox/rehearsal.ts';
import { RuntimeImages } from '../../sandbox/runtime-image.ts';
import type { SandboxFunction } from '../../sandbox/sandbox.ts';
import { Watchdog } from '../../sandbox/watchdog.ts';
import { functionOf, handler, invoke, runtimeSources, testSandbox, type TestSandbox } from '../support/sandbox.ts';

const images = new RuntimeImages(runtimeSources, createInlineCodeCacheMaker());

interface Rehearsed extends RehearsalEnd {
  /** Whether code could run, as it was told. */
  readonly told: readonly boolean[];
  readonly stuck: number;
}

async function rehearseOnce(fn: SandboxFunction): Promise<Rehearsed> {
  const isolate = await openIsolate(await images.for(fn), fn, undefined, { realms: 1 });
  if ('failure' in isolate) throw new Error(isolate.failure);
  const told: boolean[] = [];
  const isolates = { alive: 0, stuck: { count: 0 } };
  const end = await rehearse(
    {
      images,
      isolates,
      watchdog: new Watchdog(),
      allowedGrowthBytes: () => Infinity,
      observer: { onRehearsing: (_of, isRunning) => told.push(isRunning), onUnstoppable() {}, onCatastrophe() {} },
    },
    { id: '1', function: fn },
    isolate,
  );
  // One that is not ready has been disposed of.
  if (end.isReady) isolate.dispose();
  return { ...end, told, stuck: isolates.stuck.count };
}

/** Module level, and a handler that never comes to run. */
const moduleLevel = (code: string): string => `${code}; ${handler('return new Response("x")')}`;

describe('evaluating a bundle ahead', () => {
  test.each([
    ['nothing but exports', ''],
    ['work', 'let n = 0; for (let i = 0; i < 1e5; i += 1) n += i'],
    ['promises that settle', 'Promise.resolve().then(() => Promise.resolve()).then(() => {})'],
    ['a built-in module', "require('node:path').join('a', 'b')"],
    ['a part of the runtime that was not expected', "new globalThis['U' + 'RL']('http://a.b')"],
    ['a rejection that nobody handles', 'Promise.reject(new Error("x"))'],
    ['an error, which requests will be told of', 'throw new Error("x")'],
  ])('is ready after %s', async (_, code) => {
    const end = await rehearseOnce(functionOf(moduleLevel(code)));
    expect(end).toMatchObject({ isReady: true, told: [true, false], stuck: 0 });
    expect(end.cpuTimeMs).toBeGreaterThan(0);
    expect(end.heapBytes).toBeGreaterThan(2 ** 18);
  });

  test.each([
    ['a log line', 'console.log(1)'],
    ['a timer', 'setTimeout(() => {}, 1000)'],
    ['a question to the host', 'crypto.getRandomValues(new Uint8Array(8))'],
    ['an operation of the host', 'crypto.subtle.digest("SHA-256", new Uint8Array(8))'],
    ['a finalizer', 'new FinalizationRegistry(() => {}).register({}, 1)'],
    ['a finalizer in a microtask', 'Promise.resolve().then(() => new FinalizationRegistry(() => {}))'],
    ['all CPU time that start-up may take', 'for (;;) ;'],
    ['a microtask that never ends', 'const again = () => Promise.resolve().then(again); again()'],
    ['all memory', 'const all = []; for (;;) all.push(new Array(1e4).fill({}))'],
  ])('is of no use after %s', async (_, code) => {
    const end = await rehearseOnce(functionOf(moduleLevel(code), { startUpCpuMs: 300, memoryMiB: 16 }));
    expect(end).toMatchObject({ isReady: false, told: [true, false], stuck: 0 });
  });
});

/** Answers for how many milliseconds its module has been there. */
const age = `const born = Date.now(); ${handler('globalThis.n = (globalThis.n ?? 0) + 1; return new Response(`${globalThis.n} ${Date.now() - born}`)')}`;

async function ageOf(sandbox: TestSandbox, fn: SandboxFunction): Promise<number> {
  const { text } = await invoke(sandbox, fn);
  const [count, ms] = text.split(' ');
  expect(count).toBe('1');
  return Number(ms);
}

describe.each([0, 1])('in %i cells', (cells) => {
  test('a bundle of which nothing comes but exports is evaluated ahead, once its invocations have shown it', async () => {
    await using sandbox = await testSandbox(cells);
    const fn = functionOf(age);
    const restMs = 60;
    expect(await ageOf(sandbox, fn)).toBeLessThan(restMs);
    await expect
      .poll(
        async () => {
          await sleep(restMs);
          return ageOf(sandbox, fn);
        },
        { interval: 0, timeout: 30_000 },
      )
      .toBeGreaterThanOrEqual(restMs);
    const { ending } = await invoke(sandbox, fn);
    expect(ending.usage.startUpCpuMs).toBeGreaterThan(0);
    expect(ending.usage.cpuTimeMs).toBeGreaterThanOrEqual(ending.usage.startUpCpuMs);
  });

  test('one that logs is evaluated by its invocations, each of which has the line', async () => {
    await using sandbox = await testSandbox(cells);
    const fn = functionOf(`console.log('born'); ${age}`);
    for (let count = 0; count < 25; count += 1) {
      const { logs, text } = await invoke(sandbox, fn);
      expect(logs.map((entry) => entry.text)).toEqual(['born']);
      expect(text.startsWith('1 ')).toBe(true);
      await sleep(5);
    }
  });

  test('an error at the module level is told to each invocation', async () => {
    await using sandbox = await testSandbox(cells);
    const fn = functionOf(`throw new RangeError('not today'); ${age}`);
    for (let count = 0; count < 25; count += 1) {
      const { ending } = await invoke(sandbox, fn);
      expect(ending.outcome).toMatchObject({ kind: 'exception', error: { name: 'RangeError', message: 'not today' } });
      await sleep(5);
    }
  });
});

/**
 * A function that behaves until a moment that has just come, and has one more call answered after it: there was an isolate in which it had
 * been evaluated before. On a busy machine that takes more than one attempt.
 */
async function outliveTheMoment(make: (turnsAt: number) => SandboxFunction): Promise<TestSandbox> {
  for (let seconds = 3; ; seconds *= 2) {
    const turnsAt = Date.now() + seconds * 1_000;
    const sandbox = await testSandbox(1);
    const fn = make(turnsAt);
    // The isolates that the last call leaves behind must be there before.
    while (Date.now() < turnsAt - seconds * 250) {
      await invoke(sandbox, fn);
      await sleep(20);
    }
    await sleep(turnsAt - Date.now() + 1);
    const { ending } = await invoke(sandbox, fn);
    if (ending.outcome.kind === 'ok') return sandbox;
    await sandbox.close();
    if (seconds > 16) throw new Error(`it was evaluated by its call, which ended as ${ending.outcome.kind}`);
  }
}

describe('one that turns on its cell while nobody calls it', () => {
  test.each([
    ['aborts', 'crashed', 'const text = "x".repeat(2 ** 27 + 5); /x/g[Symbol.match](text);'],
    ['never stops', 'unstoppable', 'Array.prototype.includes.call({ length: 2 ** 53 - 1 }, 1);'],
  ])('is found out, and nobody else is any the wiser, when it %s', { timeout: 180_000 }, async (_, reason, deed) => {
    const limits = { memoryMiB: 2_048, startUpCpuMs: reason === 'crashed' ? 60_000 : 200 };
    await using sandbox = await outliveTheMoment((turnsAt) =>
      functionOf(`if (Date.now() > ${turnsAt}) { ${deed} } ${age}`, limits, { key: 'bad/f', hash: `${turnsAt}` }),
    );
    // It happens in the isolate that is made in place of the one that the call had.
    await expect.poll(() => sandbox.events.length, { timeout: 60_000 }).toBeGreaterThan(0);
    expect(sandbox.events[0]).toMatchObject({ kind: 'cellEnded', reason, culprit: 'bad/f', lost: 0 });
    const good = functionOf(age, {}, { key: 'good/f', hash: 'good' });
    expect((await invoke(sandbox, good)).ending.outcome.kind).toBe('ok');
  });
});
