import { connect } from 'node:net';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Hono } from 'hono';
import { expect, test } from 'vitest';
import { serve } from '../../src/server.ts';

test('requests that come before the app is loaded are answered by it, unless their clients are gone', async () => {
  const paths: string[] = [];
  const app = new Hono().all('*', async (context) => {
    paths.push(context.req.path);
    return context.text(await context.req.text());
  });
  const loading = Promise.withResolvers<typeof app>();
  let loads = 0;
  const load = () => {
    loads += 1;
    return loading.promise;
  };
  const server = await serve(load, { port: 0, host: '127.0.0.1' });
  const early = fetch(`${server.url}/early`, { method: 'POST', body: 'x'.repeat(100_000) });
  const gone = connect(server.port, '127.0.0.1');
  gone.write('GET /gone HTTP/1.1\r\nhost: localhost\r\n\r\n');
  await once(gone, 'connect');
  await sleep(100);
  gone.destroy();
  await sleep(100);
  loading.resolve(app);
  expect(await (await early).text()).toHaveLength(100_000);
  expect(await (await fetch(`${server.url}/late`, { method: 'POST', body: 'y' })).text()).toBe('y');
  expect(paths).toEqual(['/early', '/late']);
  expect(loads).toBe(1);
  const closed = server.close();
  server.destroy();
  await closed;
});
