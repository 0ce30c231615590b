import { describe, expect, test } from 'vitest';
import { functionOf, handler, invoke, testSandbox } from '../support/sandbox.ts';

const ok = handler('return new Response("fine")');
/** Far more than any limit here, far less than it takes to give up on a machine under load. */
const patience = 10_000;

describe('the limit on CPU time', () => {
  test.each([
    ['a busy loop', handler('for (;;);')],
    ['a loop after an await', handler('await null; for (;;);')],
    ['a loop in a timer', handler('await new Promise(() => setTimeout(() => { for (;;); }, 5))')],
    [
      'a loop of microtasks',
      handler('const again = () => { Promise.resolve().then(again) }; again(); await new Promise(() => {})'),
    ],
    [
      'a loop of queued microtasks',
      handler('const again = () => queueMicrotask(again); again(); await new Promise(() => {})'),
    ],
    ['catastrophic backtracking', handler('return new Response(String(/(a+)+$/.test("a".repeat(40) + "b")))')],
    ['a loop that catches everything', handler('for (;;) { try { for (;;); } catch {} finally { continue } }')],
    ['a loop in a getter of the response', handler('return { get then() { for (;;); } }')],
    ['a loop in toString of a thrown value', handler('throw { get message() { for (;;); } }')],
    ['a loop in the name of a thrown error', handler('throw new (class extends Error { get name() { for (;;); } })()')],
    ['a loop in a proxy of a rejected error', handler('throw new Proxy(new Error(), { get() { for (;;); } })')],
    ['a loop in prepareStackTrace', handler('Error.prepareStackTrace = () => { for (;;); }; throw new Error("x")')],
    ['a loop in console.log', handler('console.log({ get [Symbol.toStringTag]() { for (;;); } }); for (;;);')],
    ['a loop in a generator', handler('function* g() { for (;;) yield 1; } for (const _ of g());')],
    [
      'an endless stream without a pause',
      handler('return new Response(new ReadableStream({ pull(c) { for (;;); } }))'),
    ],
  ])('ends %s', async (_, code) => {
    await using sandbox = await testSandbox();
    const { ending } = await invoke(sandbox, functionOf(code, { cpuTimeMs: 100 }));
    expect(ending.outcome).toMatchObject({ kind: 'exceededCpu', breach: { limit: 'cpuTimeMs', allowed: 100 } });
    expect(ending.usage.cpuTimeMs).toBeGreaterThan(100);
    expect(ending.usage.wallTimeMs).toBeLessThan(patience);
    expect((await invoke(sandbox, ok)).text).toBe('fine');
  });

  test('adds up the time of all turns', async () => {
    await using sandbox = await testSandbox();
    const code = handler(`
      for (let turn = 0; turn < 100; turn++) {
        const until = Date.now() + 20; while (Date.now() < until);
        await new Promise((r) => setTimeout(r, 1));
      }
      return new Response('done')`);
    const { ending } = await invoke(sandbox, functionOf(code, { cpuTimeMs: 200 }));
    expect(ending.outcome.kind).toBe('exceededCpu');
  });

  test('does not count waiting', async () => {
    await using sandbox = await testSandbox();
    const { text, ending } = await invoke(
      sandbox,
      functionOf(handler('await new Promise((r) => setTimeout(r, 300)); return new Response("waited")'), {
        cpuTimeMs: 100,
      }),
    );
    expect(text).toBe('waited');
    expect(ending.usage.wallTimeMs).toBeGreaterThan(290);
    expect(ending.usage.cpuTimeMs).toBeLessThan(100);
  });

  test('lets work that stays below it pass', async () => {
    await using sandbox = await testSandbox();
    const { text } = await invoke(
      sandbox,
      functionOf(handler('const until = Date.now() + 50; while (Date.now() < until); return new Response("done")'), {
        cpuTimeMs: 2_000,
      }),
    );
    expect(text).toBe('done');
  });
});

describe('the limit on start-up', () => {
  test.each([
    ['a loop at module level', 'for (;;);'],
    [
      'a slow module level',
      'const until = Date.now() + 60_000; while (Date.now() < until); module.exports = () => new Response()',
    ],
  ])('ends %s', async (_, code) => {
    await using sandbox = await testSandbox();
    const { ending } = await invoke(sandbox, functionOf(code, { startUpCpuMs: 100, cpuTimeMs: 5_000 }));
    expect(ending.outcome).toMatchObject({ kind: 'exceededCpu', breach: { limit: 'startUpCpuMs', allowed: 100 } });
  });

  test('does not count against the handler', async () => {
    await using sandbox = await testSandbox();
    const code = `const until = Date.now() + 300; while (Date.now() < until); ${handler('return new Response("up")')}`;
    const { text, ending } = await invoke(sandbox, functionOf(code, { startUpCpuMs: 5_000, cpuTimeMs: 150 }));
    expect(text).toBe('up');
    expect(ending.usage.startUpCpuMs).toBeGreaterThan(ending.usage.cpuTimeMs / 2);
  });
});

describe('the limit on wall time', () => {
  test.each([
    ['a long timer', handler('await new Promise((r) => setTimeout(r, 60_000)); return new Response("late")')],
    ['timers without end', handler('for (;;) await new Promise((r) => setTimeout(r, 5))')],
    ['an interval', handler('await new Promise(() => setInterval(() => {}, 10))')],
  ])('ends %s', async (_, code) => {
    await using sandbox = await testSandbox();
    const { ending } = await invoke(sandbox, functionOf(code, { wallTimeMs: 200 }));
    expect(ending.outcome).toMatchObject({ kind: 'exceededWallTime', breach: { limit: 'wallTimeMs', allowed: 200 } });
    expect(ending.usage.wallTimeMs).toBeLessThan(patience);
    expect((await invoke(sandbox, ok)).text).toBe('fine');
  });

  test('does not count waiting for the CPU that another function has', async () => {
    await using sandbox = await testSandbox();
    const hog = functionOf(handler('for (;;);'), { cpuTimeMs: 700 }, { key: 'test/hog' });
    const quick = functionOf(ok, { wallTimeMs: 300 }, { key: 'test/quick' });
    const hogging = invoke(sandbox, hog);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect((await invoke(sandbox, quick)).text).toBe('fine');
    expect((await hogging).ending.outcome.kind).toBe('exceededCpu');
  });
});

describe('a function that never settles', () => {
  test.each([
    ['a promise that nothing can resolve', handler('await new Promise(() => {})')],
    ['a thenable that never calls back', handler('return { then() {} }')],
    ['a loading that never ends', 'return new Promise(() => {})'],
    ['a cleared timer', handler('await new Promise((r) => clearTimeout(setTimeout(r, 10)))')],
  ])('is answered at once: %s', async (_, code) => {
    await using sandbox = await testSandbox();
    const { ending } = await invoke(sandbox, functionOf(code, { wallTimeMs: 60_000 }));
    expect(ending.outcome).toEqual({ kind: 'neverSettles' });
    expect(ending.usage.wallTimeMs).toBeLessThan(patience);
  });

  test('cuts off a stream that will never end', async () => {
    await using sandbox = await testSandbox();
    const handle = sandbox.invoke({
      id: '1',
      function: functionOf(
        handler(
          `return new Response(new ReadableStream({ start(c) { c.enqueue(new TextEncoder().encode('begin')) } }))`,
        ),
      ),
      request: { method: 'GET', url: 'http://localhost/', headers: [], body: null, remoteAddress: '' },
      onLog() {},
    });
    const answer = await handle.answer;
    const body = answer.kind === 'response' ? (answer.response.body as ReadableStream<Uint8Array>) : undefined;
    await expect(new Response(body as never).text()).rejects.toThrow();
    expect((await handle.ended).outcome).toEqual({ kind: 'neverSettles' });
  });
});

describe('the limit on memory', () => {
  test.each([
    ['arrays', 'const a = []; for (;;) a.push(new Array(1000))'],
    ['objects', 'const a = []; for (;;) a.push({})'],
    ['strings', 'const a = []; for (;;) a.push("x".repeat(1e6) + a.length)'],
    ['a map', 'const m = new Map(); for (let i = 0; ; i++) m.set(i, {})'],
    ['closures', 'const a = []; for (;;) { const b = new Array(100).fill(a.length); a.push(() => b) }'],
    ['a growing array', 'const a = []; for (;;) a.push(a.length, a.length, a.length)'],
  ])('ends a hoard of %s', async (_, body) => {
    await using sandbox = await testSandbox();
    const { ending } = await invoke(sandbox, functionOf(handler(body), { memoryMiB: 32, cpuTimeMs: 20_000 }));
    expect(ending.outcome).toMatchObject({ kind: 'exceededMemory', breach: { limit: 'memoryMiB', allowed: 32 } });
    expect((await invoke(sandbox, ok)).text).toBe('fine');
  });

  test('refuses array buffers over it with an error that the function can catch', async () => {
    await using sandbox = await testSandbox();
    const { text } = await invoke(
      sandbox,
      functionOf(
        handler(
          'const a = []; try { for (;;) a.push(new Uint8Array(1e6)) } catch (e) { return new Response(e.name + (a.length < 40)) }',
        ),
        { memoryMiB: 32 },
      ),
    );
    expect(text).toBe('RangeErrortrue');
  });

  test.each([
    ['buffers', 'let x; for (let i = 0; i < 1000; i++) x = new Uint8Array(1e6)'],
    ['arrays', 'let x; for (let i = 0; i < 300; i++) x = new Array(1e5).fill(i)'],
    ['strings', 'let x = 0; for (let i = 0; i < 300; i++) x += JSON.stringify(new Array(1e4).fill(i)).length'],
  ])('does not count garbage of %s', async (_, body) => {
    await using sandbox = await testSandbox();
    const { text } = await invoke(
      sandbox,
      functionOf(handler(`${body}; return new Response("done")`), { memoryMiB: 32, cpuTimeMs: 20_000 }),
    );
    expect(text).toBe('done');
  });

  test('lets a function use what it has', async () => {
    await using sandbox = await testSandbox();
    const code = handler('const a = new Array(2e6).fill(1.5); return new Response(String(a.length))');
    expect((await invoke(sandbox, functionOf(code, { memoryMiB: 64 }))).text).toBe('2000000');
  });

  test('is reported as heap after the call', async () => {
    await using sandbox = await testSandbox();
    const { ending } = await invoke(
      sandbox,
      functionOf(handler('globalThis.kept = new Array(1e6).fill(1.5); return new Response("x")'), { memoryMiB: 64 }),
    );
    expect(ending.usage.heapBytes).toBeGreaterThan(8e6);
    expect(ending.usage.heapBytes).toBeLessThan(64 * 2 ** 20);
  });
});

describe('the limit on the response', () => {
  test('lets a body of exactly its size pass, and no byte more', async () => {
    await using sandbox = await testSandbox();
    const answerOf = (bytes: number) =>
      functionOf(handler(`return new Response('x'.repeat(${bytes}))`), { responseBodyBytes: 1_000 });
    expect((await invoke(sandbox, answerOf(1_000))).text).toHaveLength(1_000);
    expect((await invoke(sandbox, answerOf(1_001))).ending.outcome).toEqual({
      kind: 'exceededResponse',
      breach: { limit: 'responseBodyBytes', allowed: 1_000, used: 1_001 },
    });
  });

  test('counts bytes, not characters', async () => {
    await using sandbox = await testSandbox();
    const { ending } = await invoke(
      sandbox,
      functionOf(handler(`return new Response('\\u00e9'.repeat(600))`), { responseBodyBytes: 1_000 }),
    );
    expect(ending.outcome).toMatchObject({ kind: 'exceededResponse', breach: { used: 1_200 } });
  });

  test('does not hold for streams', async () => {
    await using sandbox = await testSandbox();
    const { text } = await invoke(
      sandbox,
      functionOf(
        handler(`let n = 0; return new Response(new ReadableStream({ pull(c) {
          if (n++ === 20) c.close(); else c.enqueue(new Uint8Array(100_000).fill(120)) } }))`),
        { responseBodyBytes: 1_000 },
      ),
    );
    expect(text).toHaveLength(2_000_000);
  });
});

describe('the limits on logs', () => {
  test('drop what is over the number of lines, and say so', async () => {
    await using sandbox = await testSandbox();
    const { logs, ending, text } = await invoke(
      sandbox,
      functionOf(handler('for (let i = 0; i < 100; i++) console.log(i); return new Response("x")'), { logLines: 10 }),
    );
    expect(logs.map((entry) => entry.text)).toEqual(Array.from({ length: 10 }, (_, index) => String(index)));
    expect(ending.logsTruncated).toBe(true);
    expect(text).toBe('x');
  });

  test('drop what is over the size', async () => {
    await using sandbox = await testSandbox();
    const { logs, ending } = await invoke(
      sandbox,
      functionOf(handler('for (let i = 0; i < 10; i++) console.log("x".repeat(400)); return new Response("x")'), {
        logBytes: 1_000,
      }),
    );
    expect(logs.map((entry) => entry.text.length)).toEqual([400, 400, 200]);
    expect(ending.logsTruncated).toBe(true);
  });

  test('are not reached by a function that logs little', async () => {
    await using sandbox = await testSandbox();
    const { logs, ending } = await invoke(sandbox, handler('console.warn("a", { b: 1 }); return new Response("x")'));
    expect(logs).toMatchObject([{ level: 'warn', text: 'a { b: 1 }' }]);
    expect(ending.logsTruncated).toBe(false);
  });

  test('let the lines before an endless loop through', async () => {
    await using sandbox = await testSandbox();
    const { logs } = await invoke(sandbox, functionOf(handler('console.log("before"); for (;;);'), { cpuTimeMs: 50 }));
    expect(logs.map((entry) => entry.text)).toEqual(['before']);
  });
});

describe('the limit on timers', () => {
  test('refuses one more than it allows', async () => {
    await using sandbox = await testSandbox();
    const code = (count: number) =>
      functionOf(handler(`for (let i = 0; i < ${count}; i++) setTimeout(() => {}, 1); return new Response("x")`), {
        timers: 10,
      });
    expect((await invoke(sandbox, code(10))).text).toBe('x');
    expect((await invoke(sandbox, code(11))).ending.outcome).toMatchObject({
      kind: 'exception',
      error: { name: 'RangeError' },
    });
  });
});
