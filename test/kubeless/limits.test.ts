/** Time and memory. */
import { describe, expect, test } from 'vitest';
import { json, kubelessServer } from '../support/kubeless.ts';
import { parseExposition } from '../support/prometheus.ts';

describe('the time limit', () => {
  const code = `module.exports = { foo: (e) => ({ loop() { for (;;); }, wait: () => new Promise((r) => setTimeout(r, 60000)), regexp: () => /(a+)+$/.test("a".repeat(40) + "b"),
    caught() { for (;;) { try { for (;;); } catch {} } }, async later() { await null; for (;;); }, quick: () => "quick" })[e["event-type"]]() }`;

  test('is answered 408 as by the original, and the server lives on; awaited time counts too', async () => {
    await using limited = await kubelessServer({ 'mod.js': code }, { FUNC_TIMEOUT: '0.4' });
    const ask = (name: string) => fetch(limited.url, { headers: { 'event-type': name } });
    const answers = await Promise.all(['loop', 'wait', 'regexp', 'caught', 'later'].map(ask));
    for (const response of answers) {
      expect([response.status, response.headers.get('content-type'), await response.text()]).toEqual([
        408,
        json,
        '{"code":"ERR_SCRIPT_EXECUTION_TIMEOUT"}',
      ]);
      expect(response.headers.get('access-control-allow-origin')).toBe('*');
    }
    expect(await (await ask('quick')).text()).toBe('quick');
    const metrics = parseExposition(await (await fetch(`${limited.url}/metrics`)).text());
    expect(metrics.get('function_failures_total')!.samples[0]!.value).toBe(5);
    expect(metrics.get('function_calls_total')!.samples[0]!.value).toBe(6);
  });
});

describe('the memory limit', () => {
  test('holds', async () => {
    await using limited = await kubelessServer(
      { 'mod.js': 'module.exports = { foo() { const a = []; for (;;) a.push(new Array(1000)) } }' },
      { FUNC_MEMORY_LIMIT: '32Mi' },
    );
    const response = await fetch(limited.url);
    expect([response.status, await response.text(), response.headers.get('x-isohost-outcome')]).toEqual([
      500,
      'Internal Server Error',
      'exceededMemory',
    ]);
  });
});
