import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { functionOf, handler, invoke, type TestSandbox, testSandbox } from '../support/sandbox.ts';

const sleep = (ms: number): string => `await new Promise((r) => setTimeout(r, ${ms}));`;
const request = { method: 'GET', url: 'http://localhost/', headers: [], body: null, remoteAddress: '' };

describe.each([
  ['inline', 0],
  ['in a cell', 1],
])('%s', (_where, cells) => {
  let sandbox: TestSandbox;
  beforeAll(async () => {
    sandbox = await testSandbox(cells);
  });
  afterAll(() => sandbox.close());

  test('ctx.budget tells what is left', async () => {
    const { text } = await invoke(
      sandbox,
      functionOf(
        handler(`const before = ctx.budget;
          const end = Date.now() + 60; while (Date.now() < end);
          await fetch('data:,x'); await fetch('http://127.0.0.1/').catch(() => {});
          return Response.json([before, ctx.budget])`),
        { cpuTimeMs: 5_000, wallTimeMs: 8_000, memoryMiB: 64, subrequests: 7 },
      ),
    );
    const [before, after] = JSON.parse(text) as Record<string, number>[];
    expect(before).toMatchObject({ subrequests: 7 });
    expect(after).toMatchObject({ subrequests: 6 });
    expect(before!['cpuTimeMs']).toBeLessThanOrEqual(5_000);
    expect(before!['cpuTimeMs']).toBeGreaterThan(4_000);
    expect(before!['wallTimeMs']).toBeLessThanOrEqual(8_000);
    expect(after!['wallTimeMs']).toBeLessThanOrEqual(before!['wallTimeMs']! - 50);
    expect(after!['cpuTimeMs']).toBeLessThan(before!['cpuTimeMs']!);
    expect(after!['memoryBytes']).toBeGreaterThan(32 * 2 ** 20);
    expect(after!['memoryBytes']).toBeLessThan(64 * 2 ** 20);
  });

  describe('work after the answer', () => {
    const limits = { wallTimeMs: 600, backgroundTimeMs: 5_000, cpuTimeMs: 5_000, backgroundCpuMs: 100 };

    test('has a wall time of its own', async () => {
      const body = `ctx.waitUntil((async () => { ${sleep(900)} console.log('done') })()); return new Response('x')`;
      const { text, logs, ending } = await invoke(sandbox, functionOf(handler(body), limits));
      expect(text).toBe('x');
      expect(logs.map((line) => line.text)).toEqual(['done']);
      expect(ending.outcome).toEqual({ kind: 'ok' });
      const late = await invoke(sandbox, functionOf(handler(body), { ...limits, backgroundTimeMs: 200 }));
      expect(late.ending.outcome).toMatchObject({
        kind: 'exceededWallTime',
        breach: { limit: 'backgroundTimeMs', allowed: 200 },
      });
    });

    test('has a CPU time of its own', async () => {
      const body = `ctx.waitUntil((async () => { ${sleep(1)} for (;;); })()); return new Response('x')`;
      const patient = { ...limits, wallTimeMs: 20_000, backgroundTimeMs: 20_000 };
      const { text, ending } = await invoke(sandbox, functionOf(handler(body), patient));
      expect(text).toBe('x');
      expect(ending.outcome).toMatchObject({ kind: 'exceededCpu', breach: { limit: 'backgroundCpuMs', allowed: 100 } });
    });
  });

  describe('request.signal', () => {
    test('fires before the wall time is over, in time for an answer', async () => {
      const body = `const { signal } = request;
        await new Promise((r) => { signal.onabort = r; setTimeout(r, 60_000); });
        return new Response(signal.reason.name + ': ' + signal.reason.message)`;
      const { text, ending } = await invoke(sandbox, functionOf(handler(body), { wallTimeMs: 1_500, graceMs: 1_200 }));
      expect(text).toBe('TimeoutError: The limit wallTimeMs is near');
      expect(ending.outcome).toEqual({ kind: 'ok' });
    });

    test('is that of copies too, and ends what follows it', async () => {
      const body = `const copy = new Request(request.clone());
        return fetch('http://127.0.0.1/', { signal: copy.signal }).catch(async () => {
          await new Promise((r) => copy.signal.addEventListener('abort', r));
          return new Response(String(AbortSignal.any([request.signal]).aborted));
        })`;
      const fn = functionOf(`${handler(body)}; setInterval(() => {}, 1000)`, { wallTimeMs: 1_500, graceMs: 1_200 });
      expect((await invoke(sandbox, fn)).text).toBe('true');
    });

    test('fires when the client goes away, and leaves time to finish', async () => {
      const body = `request.signal.onabort = () => { console.log(request.signal.reason.name);
          setTimeout(() => console.log('cleaned up'), 5); };
        console.log('listening');
        ${sleep(60_000)}`;
      const cancelled = async (code: string, graceMs: number): Promise<[string, string[]]> => {
        const logs: string[] = [];
        const handle = sandbox.invoke({
          id: 'x',
          function: functionOf(handler(code), { wallTimeMs: 20_000, graceMs }),
          request,
          onLog: ({ text }) => logs.push(text),
        });
        await expect.poll(() => logs).toContain('listening');
        handle.cancel();
        const { outcome } = await handle.ended;
        return [outcome.kind, logs.slice(1)];
      };
      expect(await cancelled(body, 1_000)).toEqual(['canceled', ['AbortError', 'cleaned up']]);
      expect(await cancelled(body, 0)).toEqual(['canceled', []]);
    });
  });
});
