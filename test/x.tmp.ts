import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createHost } from '../src/index.ts';
import { startServices } from './packages/upstream.ts';
const only = process.argv.slice(2);
const dir = new URL('./packages/functions/', import.meta.url).pathname;
const services = await startServices();
const calls = JSON.parse(readFileSync('/tmp/calls.json', 'utf8'));
const trust = (process.env.TRUST ?? 'trusted') as 'trusted';
const host = await createHost({ exposeErrors: true, isolation: { trust: 'trusted', cells: Number(process.env.CELLS ?? 0) }, egress: { private: ['127.0.0.1'] }, onLog: (l: unknown) => only.length > 0 && console.log(l) } as never);
const names = readdirSync(dir).filter((n) => n !== 'tsconfig.json').map((f) => [f, f.replace(/\.tsx?$|\.js$/, '').replaceAll('.', '-')] as const).filter(([, n]) => only.length === 0 || only.includes(n));
const out: Record<string, unknown> = {};
for (const [file, name] of names) {
  const t = performance.now();
  try {
    const i = await host.deploy({ name, entry: dir + file, base: dir, nodeModules: [new URL('./packages/node_modules', import.meta.url).pathname] , config: { isolation: { trust }, env: { UPSTREAM: services.url } } });
    const t2 = performance.now();
    const results = [];
    let token = '';
    for (const { path, init, headers } of calls[name] ?? [{ path: '' }]) {
      if (init?.headers?.authorization) init.headers.authorization = init.headers.authorization.replace('@token', token);
      const { response, ended } = await host.invoke(name, new Request(`http://localhost/${name}${path}`, init));
      const raw = await response.bytes();
      const text = new TextDecoder().decode(raw);
      if (path === '/token') token = text;
      const e = await ended;
      const isJson = /json/.test(response.headers.get('content-type') ?? '');
      results.push({ path, init, status: response.status, headers: Object.fromEntries((headers ?? []).map((h: string) => [h, response.headers.get(h)])), answer: isJson ? JSON.parse(text) : text });
      console.log(`== ${name}${path} ${response.status} ${i.bundleBytes} bundle ${(t2 - t).toFixed()} ${JSON.stringify({ ...e, headers: 0 }).slice(0, 0)} cpu ${(e as any).cpuTimeMs?.toFixed()} start ${(e as any).startUpCpuMs?.toFixed()}\n   ${text.slice(0, 2500)}`);
    }
    out[name] = results;
  } catch (e) { console.log(`== ${name} DEPLOY FAILED ${(e as Error).message.slice(0, 1200)}`); }
}
writeFileSync('/tmp/actual.json', JSON.stringify(out, null, 1));
await host.close();
await services[Symbol.asyncDispose]();
