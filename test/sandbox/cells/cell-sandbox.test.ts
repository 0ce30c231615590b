import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SandboxFunction } from '../../../sandbox/index.ts';
import { functionOf, handler, invoke, type TestSandbox, testSandbox } from '../../support/sandbox.ts';

const request = { method: 'GET', url: 'http://localhost/', headers: [], body: null, remoteAddress: '' };
const abort = 'const text = "x".repeat(2 ** 27 + 5); /x/g[Symbol.match](text);';
/** Code that V8 does not interrupt; it would take years. */
const unstoppable = 'Array.prototype.includes.call({ length: 2 ** 53 - 1 }, 1);';
const wait = (ms: number) => `await new Promise((r) => setTimeout(r, ${ms}));`;

const randomText = (length: number) => Buffer.from(randomBytes(length).toString('base64').slice(0, length));

let functions = 0;
/** A function of its own, which nobody knows yet. */
function fresh(body: string, limits: Parameters<typeof functionOf>[1] = {}): SandboxFunction {
  functions += 1;
  return functionOf(handler(body), limits, { key: `test/f${functions}`, hash: String(functions) });
}

/** Calls it until it has a clean record, and shares a cell. */
async function known(sandbox: TestSandbox, fn: SandboxFunction): Promise<SandboxFunction> {
  for (let call = 0; call < 12; call += 1) await invoke(sandbox, fn);
  return fn;
}

const busyCells = (sandbox: TestSandbox) => sandbox.status().cells.filter(({ invocations }) => invocations > 0);
const outcomeOf = async (sandbox: TestSandbox, fn: SandboxFunction) => (await invoke(sandbox, fn)).ending.outcome;

describe('a cell', () => {
  let sandbox: TestSandbox;
  beforeAll(async () => {
    sandbox = await testSandbox(1);
  });
  afterAll(() => sandbox.close());

  test('is not worn by calls that make no isolates', async () => {
    await using its = await testSandbox(1);
    const fn = functionOf(handler('return new Response("x")'), {}, { key: 'test/reused', freshness: 'reuse' });
    await known(its, fn);
    const { pid } = its.status().cells.find(({ duty }) => duty === 'shared')!;
    for (let round = 0; round < 60; round += 1) await Promise.all(Array.from({ length: 100 }, () => invoke(its, fn)));
    expect(its.status().cells.map((cell) => cell.pid)).toContain(pid);
    expect(its.events).not.toContainEqual(expect.objectContaining({ kind: 'cellEnded' }));
  });

  test('answers like an inline sandbox', async () => {
    const fn = fresh(`console.warn('a', { b: 1 });
      return new Response(await request.text(), { status: 201, headers: [['set-cookie', 'a=1'], ['set-cookie', 'b=2']] })`);
    const { answer, logs, text, ending } = await invoke(sandbox, fn, { method: 'POST', body: Buffer.from('f\u00fcr') });
    expect(text).toBe('f\u00fcr');
    expect(answer).toMatchObject({
      kind: 'response',
      response: {
        status: 201,
        headers: expect.arrayContaining([
          ['set-cookie', 'a=1'],
          ['set-cookie', 'b=2'],
        ]),
      },
    });
    expect(logs).toMatchObject([{ level: 'warn', text: 'a { b: 1 }' }]);
    expect(ending).toMatchObject({ outcome: { kind: 'ok' }, logsTruncated: false });
    expect(ending.usage.heapBytes).toBeGreaterThan(500_000);
  });

  test.each([0, 1, 65_535, 65_536, 65_537, 5_000_000])('takes and gives bodies of %i bytes', async (size) => {
    const body = Buffer.alloc(size, 'abcdefghij');
    const echo = fresh('return new Response(await request.arrayBuffer())', { memoryMiB: 128 });
    const { answer } = await invoke(sandbox, echo, { method: 'POST', body });
    const back = answer.kind === 'response' ? (answer.response.body as Uint8Array) : undefined;
    expect(Buffer.from(back!).equals(body)).toBe(true);
  });

  test('streams, and waits for a client that does not read', async () => {
    const endless = fresh(
      'let n = 0; return new Response(new ReadableStream({ pull(c) { n += 65_536; console.log(n); c.enqueue(new Uint8Array(65_536)); } }))',
      { logLines: 10_000 },
    );
    let produced = 0;
    const handle = sandbox.invoke({
      id: '1',
      function: endless,
      request,
      onLog: ({ text }) => (produced = Number(text)),
    });
    const answer = await handle.answer;
    const reader = (
      answer.kind === 'response' ? (answer.response.body as ReadableStream<Uint8Array>) : undefined
    )!.getReader();
    await reader.read();
    await expect
      .poll(async () => {
        const before = produced;
        await sleep(200);
        return produced - before;
      })
      .toBe(0);
    expect(produced).toBeLessThan(4_000_000);
    for (let read = 0; read < 30; read += 1) await reader.read();
    await expect.poll(() => produced).toBeGreaterThan(1_000_000);
    await reader.cancel();
    expect((await handle.ended).outcome.kind).toBe('canceled');
  });

  test('gives back what goes through a function, of more streams at once than there is room for in a file', async () => {
    const through = fresh('return new Response(request.body.pipeThrough(new TransformStream()))', { memoryMiB: 128 });
    const sizes = [1, 70_000, 16_384, 300_000, 65_536, 1_000_000, 65_536, 200_001];
    const streams = Array.from({ length: 12 }, () => sizes.map(randomText));
    const results = await Promise.all(
      streams.map((pieces) => {
        const rest = [...pieces];
        const body = { length: undefined, read: async () => rest.shift(), cancel() {} };
        return invoke(sandbox, through, { method: 'POST', body });
      }),
    );
    for (const [index, { text, ending }] of results.entries()) {
      expect(ending.outcome.kind).toBe('ok');
      expect(text === Buffer.concat(streams[index]!).toString()).toBe(true);
    }
  });

  test('says where in its sources a function threw', async () => {
    const outcome = await outcomeOf(sandbox, fresh('throw new TypeError("no")'));
    expect(outcome).toMatchObject({ kind: 'exception', error: { name: 'TypeError', message: 'no' } });
    expect(outcome.kind === 'exception' && outcome.error.stack).toMatch(/f\.js:1:\d+/);
  });

  test('holds hundreds of invocations that wait', async () => {
    const waiting = fresh(`${wait(500)} return new Response('x')`);
    const results = await Promise.all(Array.from({ length: 200 }, () => invoke(sandbox, waiting)));
    expect(new Set(results.map(({ text }) => text))).toEqual(new Set(['x']));
  });

  test('lets an invocation be cancelled', async () => {
    const handle = sandbox.invoke({ id: '1', function: fresh(`${wait(60_000)}`), request, onLog() {} });
    await sleep(50);
    handle.cancel();
    expect(await handle.answer).toMatchObject({ kind: 'failure', outcome: { kind: 'canceled' } });
    expect((await handle.ended).outcome).toEqual({ kind: 'canceled' });
    await expect.poll(() => busyCells(sandbox)).toEqual([]);
  });

  test('has no environment, no files, and none of the descriptors of its parent', () => {
    const pid = sandbox.status().cells.find(({ state }) => state === 'ready')!.pid!;
    const names = readFileSync(`/proc/${pid}/environ`, 'utf8')
      .split('\0')
      .filter(Boolean)
      .map((line) => line.split('=')[0]);
    for (const name of names) expect(['MALLOC_ARENA_MAX', 'TZ', 'LANG', 'LC_ALL']).toContain(name);
    const files = readdirSync(`/proc/${pid}/fd`).map((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`));
    for (const file of files)
      expect(file).toMatch(/^(?:socket|pipe|anon_inode|\/dev\/null|\/dev\/shm\/isohost-.* \(deleted\))/);
    expect(readFileSync(`/proc/${pid}/oom_score_adj`, 'utf8').trim()).toBe('1000');
    expect(readFileSync(`/proc/${pid}/coredump_filter`, 'utf8').trim()).toMatch(/^0+$/);
  });
});

describe('code that takes down its process', () => {
  test('is answered as crashed, and nobody else notices', async () => {
    await using sandbox = await testSandbox(1);
    const neighbour = await known(sandbox, fresh('return new Response("fine")'));
    const crash = invoke(sandbox, fresh(abort, { cpuTimeMs: 60_000, memoryMiB: 2_048 }));
    const neighbours = await Promise.all(Array.from({ length: 50 }, () => invoke(sandbox, neighbour)));
    expect((await crash).answer).toMatchObject({ kind: 'failure', outcome: { kind: 'crashed' } });
    expect(new Set(neighbours.map(({ text }) => text))).toEqual(new Set(['fine']));
    expect(sandbox.events).toMatchObject([{ kind: 'cellEnded', reason: 'crashed', rerun: 0, lost: 0 }]);
  });

  test('does not take with it what has not begun: that is run again', async () => {
    await using sandbox = await testSandbox(1);
    const turncoat = await known(
      sandbox,
      fresh(`if (request.headers.has('x-abort')) { ${abort} } return new Response('fine')`, {
        cpuTimeMs: 60_000,
        memoryMiB: 2_048,
      }),
    );
    const neighbour = await known(sandbox, fresh('return new Response("fine")'));
    const crash = invoke(sandbox, turncoat, { headers: ['x-abort', '1'] });
    const neighbours = await Promise.all(Array.from({ length: 20 }, () => invoke(sandbox, neighbour)));
    expect((await crash).ending.outcome).toEqual({ kind: 'crashed' });
    expect(new Set(neighbours.map(({ text }) => text))).toEqual(new Set(['fine']));
    expect(sandbox.events.at(-1)).toMatchObject({ kind: 'cellEnded', culprit: turncoat.key, rerun: 1, lost: 0 });
  });

  test('costs those in its cell that had begun their answer, and tells them so', async () => {
    await using sandbox = await testSandbox(1);
    const turncoat = await known(
      sandbox,
      fresh(`if (request.headers.has('x-abort')) { ${abort} } return new Response('fine')`, {
        cpuTimeMs: 60_000,
        memoryMiB: 2_048,
      }),
    );
    const bystander = await known(
      sandbox,
      fresh(`if (request.headers.has('x-wait')) { ${wait(60_000)} } return new Response('x')`),
    );
    const lost = invoke(sandbox, bystander, { headers: ['x-wait', '1'] });
    await expect.poll(() => sandbox.status().isolates).toBe(1);
    await sleep(200);
    await invoke(sandbox, turncoat, { headers: ['x-abort', '1'] });
    expect((await lost).ending.outcome).toEqual({ kind: 'cellLost', retryAfterSeconds: 1 });
  });

  test('cuts a stream off that is under way', async () => {
    await using sandbox = await testSandbox(1);
    const streaming = fresh(
      `return new Response(new ReadableStream({ async pull(c) { c.enqueue(new Uint8Array(10)); ${wait(50)} } }))`,
    );
    const handle = sandbox.invoke({ id: '1', function: streaming, request, onLog() {} });
    const answer = await handle.answer;
    const text = new Response(answer.kind === 'response' ? (answer.response.body as never) : null).text();
    for (const { pid } of busyCells(sandbox)) process.kill(pid!, 'SIGKILL');
    await expect(text).rejects.toThrow('cellLost');
    expect((await handle.ended).outcome.kind).toBe('cellLost');
  });

  test('is suspended when it does so again and again', async () => {
    await using sandbox = await testSandbox(1);
    const bomb = fresh(abort, { cpuTimeMs: 60_000, memoryMiB: 2_048 });
    const outcomes = [];
    for (let call = 0; call < 4; call += 1) outcomes.push((await outcomeOf(sandbox, bomb)).kind);
    expect(outcomes).toEqual(['crashed', 'crashed', 'crashed', 'suspended']);
    expect(sandbox.events.filter(({ kind }) => kind === 'suspended')).toEqual([
      { kind: 'suspended', function: bomb.key, forMs: 1_000, strikes: 3 },
    ]);
    expect(sandbox.status().suspendedVersions).toBe(1);
    expect((await invoke(sandbox, fresh('return new Response("fine")'))).text).toBe('fine');
    await sleep(1_100);
    expect((await outcomeOf(sandbox, bomb)).kind).toBe('crashed');
    expect(await outcomeOf(sandbox, bomb)).toEqual({ kind: 'suspended', retryAfterSeconds: 2 });
  });
});

describe('a cell that is out of control', () => {
  test('is replaced when an isolate in it cannot be stopped; the caller has long been answered', async () => {
    await using sandbox = await testSandbox(1);
    const { ending } = await invoke(sandbox, fresh(unstoppable, { cpuTimeMs: 100 }));
    expect(ending.outcome.kind).toBe('exceededCpu');
    await expect.poll(() => sandbox.events).toMatchObject([{ kind: 'cellEnded', reason: 'unstoppable', lost: 0 }]);
    await expect.poll(() => sandbox.status().cells.filter(({ state }) => state === 'ready').length).toBe(2);
  });

  test('is killed when it does not answer any more', async () => {
    await using sandbox = await testSandbox(1);
    // One that has not begun would be run again elsewhere.
    const begun = Promise.withResolvers<void>();
    const running = sandbox.invoke({
      id: '1',
      function: fresh(`console.log('here'); ${wait(60_000)}`),
      request,
      onLog: () => begun.resolve(),
    });
    await begun.promise;
    process.kill(busyCells(sandbox)[0]!.pid!, 'SIGSTOP');
    expect((await running.ended).outcome).toEqual({ kind: 'cellLost', retryAfterSeconds: 1 });
    expect(sandbox.events).toMatchObject([{ kind: 'cellEnded', reason: 'killed', culprit: undefined }]);
  });

  test('is killed for memory that V8 does not count', async () => {
    await using sandbox = await testSandbox(1);
    const hoard = fresh('const a = []; for (;;) a.push(new Intl.DateTimeFormat("de", { dateStyle: "full" }))', {
      memoryMiB: 32,
      cpuTimeMs: 60_000,
      wallTimeMs: 60_000,
    });
    expect(await outcomeOf(sandbox, hoard)).toMatchObject({
      kind: 'exceededMemory',
      breach: { limit: 'memoryMiB', allowed: 32 },
    });
  });
});

test('killing every cell again and again loses no answer', async () => {
  await using sandbox = await testSandbox(2);
  const neighbour = await known(sandbox, fresh('return new Response("fine")'));
  const readyCells = () => sandbox.status().cells.filter(({ state }) => state === 'ready');
  // How long a new cell takes to start is up to the machine: the calls go on until all have been killed.
  const killed = new Set<number>();
  const killer = (async () => {
    while (killed.size < 4) {
      await sleep(30);
      // One after the other, as soon as there is another one.
      const alive = readyCells()
        .map(({ pid }) => pid!)
        .filter((pid) => !killed.has(pid));
      if (alive.length > 1) {
        process.kill(alive[0]!, 'SIGKILL');
        killed.add(alive[0]!);
      }
    }
  })();
  const outcomes = new Map<string, number>();
  let calls = 0;
  while (killed.size < 4 || calls < 200) {
    const results = await Promise.all(Array.from({ length: 20 }, () => invoke(sandbox, neighbour)));
    for (const { ending, text } of results) {
      const { kind } = ending.outcome;
      if (kind === 'ok') expect(text).toBe('fine');
      outcomes.set(kind, (outcomes.get(kind) ?? 0) + 1);
      calls += 1;
    }
  }
  await killer;
  expect([...outcomes.keys()].toSorted()).toEqual(outcomes.has('cellLost') ? ['cellLost', 'ok'] : ['ok']);
  // At most those that were in the killed cells, which is half of those under way.
  expect(outcomes.get('cellLost') ?? 0).toBeLessThan(calls / 4);
  await expect.poll(() => sandbox.events.length).toBe(killed.size);
  expect(sandbox.events.every((event) => event.kind === 'cellEnded' && event.culprit === undefined)).toBe(true);
});

test('functions of a clean record share a cell, new ones run alone', async () => {
  await using sandbox = await testSandbox(1);
  const dutiesOf = async (fn: SandboxFunction) => {
    const running = invoke(sandbox, fn);
    await expect.poll(() => busyCells(sandbox).length).toBe(1);
    const duty = busyCells(sandbox)[0]?.duty;
    await running;
    return duty;
  };
  const fn = fresh(`${wait(300)} return new Response('x')`);
  expect(await dutiesOf(fn)).toBe('solo');
  await Promise.all(Array.from({ length: 12 }, () => invoke(sandbox, fn)));
  expect(await dutiesOf(fn)).toBe('shared');
});

test('closing ends everything: no process, no descriptor is left', async () => {
  const descriptors = () => readdirSync('/proc/self/fd').length;
  const before = descriptors();
  const sandbox = await testSandbox(2);
  const loops = Array.from({ length: 3 }, () => invoke(sandbox, fresh('for (;;);', { cpuTimeMs: 60_000 })));
  await expect.poll(() => busyCells(sandbox).length).toBeGreaterThan(0);
  const pids = sandbox.status().cells.map(({ pid }) => pid!);
  await sandbox.close();
  for (const { ending } of await Promise.all(loops)) expect(ending.outcome.kind).toBe('canceled');
  for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  expect(descriptors()).toBeLessThanOrEqual(before);
});
