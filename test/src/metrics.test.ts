import { expect, test } from 'vitest';
import { createApp } from '../../src/index.ts';
import { KubelessMetrics, Metrics } from '../../src/metrics.ts';
import { fn, get, testHost } from '../support/host.ts';
import { idleSources } from '../support/metrics.ts';
import { parseExposition } from '../support/prometheus.ts';

/** The value of a series, by the labels that matter. */
function valueOf(text: string, name: string, labels: Readonly<Record<string, string>> = {}): number | undefined {
  const family = [...parseExposition(text).values()].find(({ samples }) =>
    samples.some((sample) => sample.name === name),
  );
  return family?.samples.find(
    (sample) => sample.name === name && Object.entries(labels).every(([key, value]) => sample.labels[key] === value),
  )?.value;
}

test('count invocations, time, CPU, heap and breaches, by function and outcome', async () => {
  await using host = await testHost(
    {
      ok: fn('return new Response("x")'),
      'one/loops': fn('for (;;);'),
      chatty: fn('for (let i = 0; i < 9; i++) console.log(i); return new Response("x")'),
    },
    { cpuTimeMs: 50, logLines: 3 },
  );
  for (const path of ['/ok', '/ok', '/one/loops', '/chatty', '/none']) await (await get(host, path)).text();
  const text = await host.metrics.expose();
  const ok = { tenant: 'default', function: 'ok' };
  const loops = { tenant: 'one', function: 'loops' };
  expect(valueOf(text, 'isohost_invocations_total', { ...ok, outcome: 'ok' })).toBe(2);
  expect(valueOf(text, 'isohost_invocations_total', { ...loops, outcome: 'exceededCpu' })).toBe(1);
  expect(valueOf(text, 'isohost_invocation_cpu_seconds_total', loops)).toBeGreaterThan(0.05);
  expect(valueOf(text, 'isohost_limit_breaches_total', { ...loops, limit: 'cpuTimeMs' })).toBe(1);
  expect(valueOf(text, 'isohost_limit_breaches_total', { function: 'chatty', limit: 'logs' })).toBe(1);
  expect(valueOf(text, 'isohost_invocation_duration_seconds_count', ok)).toBe(2);
  expect(valueOf(text, 'isohost_invocation_heap_bytes_count', ok)).toBe(2);
  for (const name of ['isohost_queue_length', 'isohost_isolates', 'isohost_isolates_stuck']) {
    await expect.poll(async () => valueOf(await host.metrics.expose(), name)).toBe(0);
  }
  expect(text).not.toContain('none');
});

test('are served at /metrics', async () => {
  await using host = await testHost();
  const response = await createApp(host).request('/metrics');
  expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
  expect(parseExposition(await response.text()).size).toBeGreaterThan(5);
});

test('have a bounded number of series', async () => {
  const metrics = new Metrics(idleSources);
  const usage = { cpuTimeMs: 1, startUpCpuMs: 0, wallTimeMs: 1, heapBytes: 1 };
  for (let index = 0; index < 1_500; index += 1) {
    metrics.record({
      tenant: 't',
      function: `f${index}`,
      durationMs: 1,
      usage,
      outcome: { kind: 'ok' },
      logsTruncated: false,
    });
  }
  const text = await metrics.expose();
  expect(parseExposition(text).get('isohost_invocations_total')!.samples).toHaveLength(1_001);
  expect(valueOf(text, 'isohost_invocations_total', { function: '_other' })).toBe(500);
});

test('forget a function that was removed', async () => {
  await using host = await testHost({ f: fn('return new Response("x")'), g: fn('return new Response("x")') });
  await (await get(host, '/f')).text();
  await (await get(host, '/g')).text();
  host.remove('f');
  await expect.poll(() => host.metrics.expose()).not.toContain('function="f"');
  expect(valueOf(await host.metrics.expose(), 'isohost_invocations_total', { function: 'g' })).toBe(1);
});

test('of the Kubeless kind are exactly the three families that its tools look for', async () => {
  const metrics = new KubelessMetrics();
  metrics.countCall('mod-GET');
  metrics.countFailure('mod-GET');
  metrics.observeDuration('mod-GET', 0.3);
  const families = parseExposition(await metrics.expose());
  expect([...families.values()].map(({ name, help, type }) => [name, type, help])).toEqual([
    ['function_duration_seconds', 'histogram', 'Duration of user function in seconds'],
    ['function_calls_total', 'counter', 'Number of calls to user function'],
    ['function_failures_total', 'counter', 'Number of exceptions in user function'],
  ]);
  const buckets = families.get('function_duration_seconds')!.samples.flatMap(({ labels }) => labels['le'] ?? []);
  expect(buckets).toEqual(['0.005', '0.01', '0.025', '0.05', '0.1', '0.25', '0.5', '1', '2.5', '5', '10', '+Inf']);
  for (const { samples } of families.values())
    for (const { labels } of samples) expect(labels['method']).toBe('mod-GET');
});
