/** What a call may see of earlier calls of its function, and what calls do to each other that share an isolate. */
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { Freshness, Limits, SandboxFunction } from '../../sandbox/index.ts';
import { functionOf, handler, invoke, testSandbox } from '../support/sandbox.ts';

const counting = 'globalThis.n = (globalThis.n ?? 0) + 1;';
const counter = handler(`${counting} return new Response(String(n))`);

function fresh(freshness: Freshness, code: string, limits: Partial<Limits> = {}): SandboxFunction {
  return functionOf(code, limits, { freshness });
}

/** A function that does what the path says. */
function reused(cases: Readonly<Record<string, string>>, limits: Partial<Limits> = {}): SandboxFunction {
  const branches = Object.entries(cases).map(([path, body]) => `if (path === '/${path}') { ${body} }`);
  return fresh(
    'reuse',
    handler(
      `${counting} const path = new URL(request.url).pathname; ${branches.join('\n')} return new Response(String(n))`,
    ),
    limits,
  );
}

const loop = 'for (;;);';
const wait = (ms: number): string => `await new Promise((resolve) => setTimeout(resolve, ${ms}));`;

describe.each([0, 1])('in %i cells', (cells) => {
  test.each(['isolate', 'context'] as const)('%s: a call sees nothing of earlier ones', async (freshness) => {
    await using sandbox = await testSandbox(cells);
    const fn = fresh(freshness, `Array.prototype.seen = Array.prototype.seen ?? Math.random(); ${counter}`);
    for (let call = 0; call < 40; call += 1) expect((await invoke(sandbox, fn)).text).toBe('1');
    const together = await Promise.all(Array.from({ length: 20 }, () => invoke(sandbox, fn)));
    expect(together.map(({ text }) => text)).toEqual(Array(20).fill('1'));
  });

  test('reuse: module state lives on, for the calls of this function alone', async () => {
    await using sandbox = await testSandbox(cells);
    const [fn, other] = [fresh('reuse', counter), fresh('reuse', counter)];
    // With a clean record, a function moves from the cell for new ones to one that it shares, and begins anew there.
    for (let call = 0; call < 12; call += 1) await invoke(sandbox, fn);
    const before = Number((await invoke(sandbox, fn)).text);
    const together = await Promise.all(Array.from({ length: 50 }, () => invoke(sandbox, fn)));
    expect(together.map(({ text }) => Number(text)).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 50 }, (_, index) => before + 1 + index),
    );
    expect((await invoke(sandbox, other)).text).toBe('1');
    sandbox.forget(fn);
    expect((await invoke(sandbox, fn)).text).toBe('1');
  });
});

test('context: an isolate of which a quarter of the memory is in use is not used again', async () => {
  await using sandbox = await testSandbox();
  const keeping = handler(`
    globalThis.kept = Array.from({ length: Number(new URL(request.url).searchParams.get('mib')) }, () => new Array(131_072).fill(0.5));
    return new Response('ok');
  `);
  const fn = fresh('context', keeping, { memoryMiB: 128 });
  const heapMiB = async (keptMiB: number): Promise<number> => {
    const { ending } = await invoke(sandbox, fn, { url: `http://localhost/?mib=${keptMiB}` });
    expect(ending.outcome).toEqual({ kind: 'ok' });
    return ending.usage.heapBytes / 2 ** 20;
  };
  // What earlier calls have left shows in the heap of the next, for it is not collected at once.
  const small = [];
  for (let call = 0; call < 6; call += 1) small.push(await heapMiB(4));
  expect(Math.max(...small)).toBeGreaterThan(8);
  for (let call = 0; call < 6; call += 1) {
    expect(await heapMiB(40)).toBeLessThan(75);
    expect(await heapMiB(0)).toBeLessThan(40);
  }
});

describe('calls that share an isolate', () => {
  test('are under way at the same time, each with its own body, log and answer', async () => {
    await using sandbox = await testSandbox();
    const fn = fresh(
      'reuse',
      handler(`
        const text = await request.text();
        for (let step = 0; step < 3; step += 1) {
          console.log(text.slice(0, 4));
          await new Promise((resolve) => setTimeout(resolve, 5 + Math.random() * 20));
        }
        return new Response(text.length + ' ' + text.slice(0, 4));
      `),
    );
    const results = await Promise.all(
      Array.from({ length: 30 }, async (_, index) => {
        const name = String(1_000 + index);
        // Small bodies cross with the request, large ones are held by the host until they are asked for.
        const size = index % 2 === 0 ? 100 : 100_000;
        const body = Buffer.from(name.padEnd(size, 'x'));
        return { name, size, result: await invoke(sandbox, fn, { method: 'POST', body }) };
      }),
    );
    for (const { name, size, result } of results) {
      expect(result.text).toBe(`${size} ${name}`);
      expect(result.logs.map(({ text }) => text)).toEqual([name, name, name]);
      expect(result.ending.outcome).toEqual({ kind: 'ok' });
    }
  });

  test('stream to their own clients', async () => {
    await using sandbox = await testSandbox();
    const fn = fresh(
      'reuse',
      handler(`
        const name = new URL(request.url).searchParams.get('name');
        let left = 5;
        return new Response(new ReadableStream({
          async pull(controller) {
            await new Promise((resolve) => setTimeout(resolve, 2));
            if (left === 0) return controller.close();
            left -= 1;
            controller.enqueue(new TextEncoder().encode(name.repeat(20_000)));
          },
        }));
      `),
    );
    const texts = await Promise.all(
      ['a', 'b', 'c', 'd'].map(async (name) => (await invoke(sandbox, fn, { url: `http://h/?name=${name}` })).text),
    );
    expect(texts).toEqual(['a', 'b', 'c', 'd'].map((name) => name.repeat(100_000)));
  });

  test('go on when another is over its wall time, throws, never settles or loses its client', async () => {
    await using sandbox = await testSandbox();
    const fn = reused(
      {
        slow: wait(5_000),
        throw: `throw new Error('mine')`,
        never: 'await new Promise(() => {})',
        patient: `${wait(300)} return new Response('patient')`,
      },
      { wallTimeMs: 1_000 },
    );
    const call = (path: string) => invoke(sandbox, fn, { url: `http://h/${path}` });
    expect((await call('')).text).toBe('1');
    const patient = call('patient');
    const slow = call('slow');
    expect((await call('throw')).ending.outcome).toMatchObject({ kind: 'exception', error: { message: 'mine' } });
    expect((await patient).text).toBe('patient');
    expect((await slow).ending.outcome.kind).toBe('exceededWallTime');
    const started = performance.now();
    expect((await call('never')).ending.outcome.kind).toBe('neverSettles');
    expect(performance.now() - started).toBeLessThan(900);
    expect((await call('')).text).toBe('6');
  });

  test('are lost, or begin anew, when another loops for ever; only that one is to blame', async () => {
    await using sandbox = await testSandbox();
    const fn = reused({ loop, patient: `${wait(10_000)}` }, { cpuTimeMs: 200 });
    const call = (path: string) => invoke(sandbox, fn, { url: `http://h/${path}` });
    expect((await call('')).text).toBe('1');
    const patient = call('patient');
    await sleep(50);
    const looping = call('loop');
    await sleep(50);
    const late = Array.from({ length: 20 }, () => call(''));
    expect((await looping).ending.outcome.kind).toBe('exceededCpu');
    expect((await patient).ending.outcome).toEqual({ kind: 'cellLost', retryAfterSeconds: 1 });
    for (const { ending } of await Promise.all(late)) expect(['ok', 'cellLost']).toContain(ending.outcome.kind);
    expect((await call('')).ending.outcome.kind).toBe('ok');
  });

  test('are charged for what is theirs', async () => {
    await using sandbox = await testSandbox();
    const busy = (ms: number): string => `const end = Date.now() + ${ms}; while (Date.now() < end);`;
    const fn = reused({ busy: busy(120), 'busy-later': `${wait(30)} ${busy(120)}` });
    await invoke(sandbox, fn);
    const results = await Promise.all(
      ['busy', '', '', 'busy-later', '', ''].map(async (path) => ({
        path,
        cpu: (await invoke(sandbox, fn, { url: `http://h/${path}` })).ending.usage.cpuTimeMs,
      })),
    );
    const least = Math.min(...results.filter(({ path }) => path !== '').map(({ cpu }) => cpu));
    for (const { path, cpu } of results) if (path === '') expect(cpu).toBeLessThan(least / 2);
  });

  test('come in bursts, and each has its own log, answer and fate all the same', async () => {
    await using sandbox = await testSandbox();
    const fn = reused(
      {
        log: `const id = new URL(request.url).search; await 0; console.log(id); await 0; return new Response(id)`,
        loop,
        throw: `await 0; throw new Error('mine')`,
      },
      { cpuTimeMs: 300 },
    );
    // After so many short turns, the host is told of several at a time.
    for (let call = 0; call < 150; call += 1) await invoke(sandbox, fn);
    const calls = Array.from({ length: 24 }, (_, index) => (index % 8 === 5 ? 'throw' : `log?${index}`));
    const results = await Promise.all(calls.map((path) => invoke(sandbox, fn, { url: `http://h/${path}` })));
    for (const [index, { text, logs, ending }] of results.entries()) {
      const isThrower = calls[index] === 'throw';
      expect(ending.outcome).toMatchObject(
        isThrower ? { kind: 'exception', error: { message: 'mine' } } : { kind: 'ok' },
      );
      expect(logs.map((entry) => entry.text)).toEqual(isThrower ? [] : [`?${index}`]);
      if (!isThrower) expect(text).toBe(`?${index}`);
    }
    const last = Array.from({ length: 24 }, (_, index) => (index === 11 ? 'loop' : `log?${index}`));
    const endings = await Promise.all(last.map((path) => invoke(sandbox, fn, { url: `http://h/${path}` })));
    const kinds = endings.map(({ ending }) => ending.outcome.kind);
    expect(kinds.filter((kind) => kind === 'exceededCpu')).toHaveLength(1);
    expect(kinds[11]).toBe('exceededCpu');
    for (const kind of kinds) expect(['ok', 'cellLost', 'exceededCpu']).toContain(kind);
  });

  test('have a new isolate after one that ran out of memory', async () => {
    await using sandbox = await testSandbox();
    const fn = reused(
      { hoard: 'const all = []; for (;;) all.push(new Array(1e5).fill(n + all.length / 2))' },
      { memoryMiB: 32 },
    );
    expect((await invoke(sandbox, fn)).text).toBe('1');
    expect((await invoke(sandbox, fn, { url: 'http://h/hoard' })).ending.outcome.kind).toBe('exceededMemory');
    expect((await invoke(sandbox, fn)).text).toBe('1');
  });

  test('have a new isolate when the last is half full', async () => {
    await using sandbox = await testSandbox();
    const fn = reused({ keep: `globalThis.kept = new Uint8Array(20 * 2 ** 20).fill(1)` }, { memoryMiB: 32 });
    expect((await invoke(sandbox, fn, { url: 'http://h/keep' })).text).toBe('1');
    expect((await invoke(sandbox, fn)).text).toBe('1');
  });

  test('have a new isolate when they have left many keys with the host', async () => {
    await using sandbox = await testSandbox();
    const fn = fresh(
      'reuse',
      handler(
        'globalThis.n = (globalThis.n ?? 0) + 1; const raw = new Uint8Array(16); ' +
          'for (let i = 0; i < 100; i++) await crypto.subtle.importKey("raw", raw, "AES-GCM", false, ["encrypt"]); ' +
          'return new Response(String(globalThis.n))',
      ),
    );
    const seen: string[] = [];
    for (let call = 0; call < 120; call += 1) seen.push((await invoke(sandbox, fn)).text);
    expect(seen.map(Number).every((count) => count > 0 && count <= 50)).toBe(true);
    expect(seen.filter((count) => count === '1')).toHaveLength(3);
  });

  test('fail one by one when the module level throws', async () => {
    await using sandbox = await testSandbox();
    const fn = fresh('reuse', `if (Math.random() < 2) throw new Error('no start')`);
    for (let call = 0; call < 3; call += 1) {
      expect((await invoke(sandbox, fn)).ending.outcome).toMatchObject({
        kind: 'exception',
        error: { message: 'no start' },
      });
    }
  });

  test('leave neither timers nor operations behind', async () => {
    await using sandbox = await testSandbox();
    const fn = reused({
      leave: `setTimeout(() => { globalThis.n = 1_000 }, 20); setInterval(() => { globalThis.n = 2_000 }, 10);`,
    });
    expect((await invoke(sandbox, fn, { url: 'http://h/leave' })).text).toBe('1');
    await sleep(60);
    expect((await invoke(sandbox, fn)).text).toBe('2');
  });

  test('work on after the answer, within waitUntil', async () => {
    await using sandbox = await testSandbox();
    const fn = reused({ later: `ctx.waitUntil((async () => { ${wait(40)} globalThis.n = 100 })())` });
    const { ending } = await invoke(sandbox, fn, { url: 'http://h/later' });
    expect(ending.outcome).toEqual({ kind: 'ok' });
    expect((await invoke(sandbox, fn)).text).toBe('101');
  });

  test('cannot read the bodies of each other', async () => {
    await using sandbox = await testSandbox();
    const fn = reused({
      keep: `globalThis.kept = request; ${wait(200)} return new Response('kept')`,
      read: `return new Response(await kept.text().then((text) => 'read ' + text.length, (error) => error.name))`,
    });
    const body = Buffer.alloc(200_000, 'x');
    const keeping = invoke(sandbox, fn, { url: 'http://h/keep', method: 'POST', body });
    await sleep(60);
    const reading = await invoke(sandbox, fn, { url: 'http://h/read', method: 'POST', body });
    expect(reading.text).toBe('TypeError');
    expect((await keeping).text).toBe('kept');
  });

  test('may use what an earlier one has made: keys, and other things that the host keeps', async () => {
    await using sandbox = await testSandbox();
    const fn = reused({
      sign: `
        globalThis.key ??= await crypto.subtle.generateKey({ name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
        const bytes = await crypto.subtle.sign('HMAC', key, new Uint8Array(3));
        return new Response(Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, '0')).join(''));
      `,
    });
    const [first, second] = [
      await invoke(sandbox, fn, { url: 'http://h/sign' }),
      await invoke(sandbox, fn, { url: 'http://h/sign' }),
    ];
    expect(first.text).toMatch(/^[0-9a-f]{64}$/);
    expect(second.text).toBe(first.text);
  });

  test('cannot lay hands on what is posted for all of them', async () => {
    await using sandbox = await testSandbox();
    const spy = `
      const caught = [];
      for (let index = 0; index < 200; index += 1) {
        Object.defineProperty(Array.prototype, index, {
          configurable: true,
          set(value) {
            caught.push = undefined;
            Object.defineProperty(caught, caught.length, { value: this, configurable: true });
            Object.defineProperty(this, index, { value, writable: true, configurable: true, enumerable: true });
          },
        });
      }
    `;
    const seen = `
      let posts = 0;
      for (let index = 0; index < caught.length; index += 1) if (caught[index][0] === 11 || caught[index].length % 5 === 1) posts += 1;
      return new Response(posts + ' of ' + (caught.length > 0 ? 'some' : 'none'));
    `;
    const fn = fresh('reuse', spy + handler(seen));
    const texts = [];
    for (let call = 0; call < 5; call += 1) texts.push((await invoke(sandbox, fn)).text);
    for (const text of texts) expect(text).toMatch(/^0 of /);
  });

  test.each(['isolate', 'reuse'] as const)('get hold of no message by a getter for `then` (%s)', async (freshness) => {
    await using sandbox = await testSandbox();
    const grab = `
      let grabbed = 0;
      const grabbing = {
        get() {
          if (Array.isArray(this)) grabbed += 1;
          return Array.isArray(this) ? () => {} : undefined;
        },
      };
      for (const { prototype } of [Object, Array]) Object.defineProperty(prototype, 'then', grabbing);
    `;
    const read = `const { length } = await request.bytes(); return new Response(grabbed + ' of ' + length)`;
    const fn = fresh(freshness, grab + handler(read));
    for (const length of [20_000, 200_000]) {
      const { text } = await invoke(sandbox, fn, { method: 'POST', body: Buffer.alloc(length, 'x') });
      expect(text).toBe(`0 of ${length}`);
    }
  });

  test('keep their isolate however many secrets they bring with them: the host keeps none of those', async () => {
    await using sandbox = await testSandbox();
    const fn = reused({
      sign: `
        globalThis.calls = (globalThis.calls ?? 0) + 1;
        const secret = new Uint8Array(16);
        for (let count = 0; count < 4_000; count += 1) {
          await crypto.subtle.importKey('raw', secret, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
        }
        return new Response(calls);
      `,
    });
    for (let call = 1; call <= 4; call += 1) {
      expect((await invoke(sandbox, fn, { url: 'http://h/sign' })).text).toBe(String(call));
    }
  });

  test('leave others their turn: a function that is called all the time does not keep the permit', async () => {
    await using sandbox = await testSandbox();
    const flooded = fresh('reuse', counter);
    const other = functionOf(counter, {}, { key: 'other/f' });
    const flooding = new AbortController();
    const flood = Array.from({ length: 16 }, async () => {
      while (!flooding.signal.aborted) await invoke(sandbox, flooded);
    });
    for (let call = 0; call < 5; call += 1) expect((await invoke(sandbox, other)).text).toBe('1');
    flooding.abort();
    await Promise.all(flood);
  });
});
