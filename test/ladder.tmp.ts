import ivm from 'isolated-vm';
import process from 'node:process';
import { setEngineFlags } from '../sandbox/engine-flags.ts';
import { RuntimeImages } from '../sandbox/runtime-image.ts';
import { createInlineCodeCacheMaker } from '../sandbox/inline-code-cache.ts';
import { codeCacheOf, createIsolate, hostReference, postingCallback, synchronousCallback } from '../sandbox/isolate.ts';
import { Mailbox } from '../sandbox/mailbox.ts';
import { functionOf, handler, runtimeSources } from './support/sandbox.ts';
import { median } from './support/statistics.ts';
setEngineFlags();
const images = new RuntimeImages(runtimeSources, createInlineCodeCacheMaker());
const web = functionOf(handler('return new Response("hello")'), {}, { hash: 'web' });
const kube = functionOf(
  'module.exports = { hello: () => "hello" }',
  {},
  {
    hash: 'k',
    dialect: { name: 'kubeless', settings: { handler: 'hello', timeout: 10, runtime: '', memoryLimit: '' } },
  },
);
const benchWeb = functionOf(
  'async function answer(){return "Hello from the bench"} module.exports = {default:{async fetch(e){let t=await answer({data:e.method==="POST"?await e.json():void 0,authorization:e.headers.get("authorization")??""});if(typeof t=="string")return new Response(t);let r=t[Symbol.iterator]();return new Response(new ReadableStream({pull(n){let{done:a,value:s}=r.next();a===!0?n.close():n.enqueue(s)}}))}}}',
  {},
  { hash: 'bw' },
);
const benchKube = functionOf(
  'module.exports = { hello: ({data,extensions:{request:e,response:r}}) => "hello" + e.headers.authorization }',
  {},
  {
    hash: 'bk',
    dialect: { name: 'kubeless', settings: { handler: 'hello', timeout: 10, runtime: '', memoryLimit: '' } },
  },
);
import { readFileSync } from 'node:fs';
const react = functionOf(
  readFileSync('' + (process.env.FILE ?? '/tmp/bs/react.cjs') + '', 'utf8'),
  {},
  { hash: 'react' },
);
const fns = process.env.FN === 'react' ? [react] : [web, benchWeb, kube, benchKube];
const asReference = { reference: true } as const;
const tick = () => new Promise((r) => setImmediate(r));
const imgs = new Map<any, any>();
const caches = new Map<any, any>();
for (const fn of fns) {
  const im = await images.for(fn);
  imgs.set(fn, im);
  await images.compileAhead(fn);
  caches.set(fn, images.bundleCache(fn));
  console.log(
    'source',
    im.source.length,
    'cache',
    im.cache?.length,
    im.parts.join(),
    'bundle cache',
    images.bundleCache(fn)?.length,
  );
}
function settings(fn: any) {
  return JSON.stringify({
    dialect: `dialect-${fn.dialect.name}`,
    name: fn.name,
    env: fn.env,
    kv: [],
    trust: fn.trust,
    isShared: false,
    limits: fn.limits,
    dialectSettings: fn.dialect.settings,
  });
}
async function rung(fn: any, level: number) {
  const im = imgs.get(fn);
  const isolate = createIsolate(128, () => {});
  const context = isolate.createContextSync();
  let open: any, mailbox: any;
  let done: any;
  const finished = new Promise<void>((r) => (done = r));
  do {
    if (level === 0) {
      break;
    }
    const script = isolate.compileScriptSync(im.source, {
      cachedData: codeCacheOf(im.cache),
      filename: 'isohost:runtime',
    });
    if (script.cachedDataRejected) throw new Error('rejected');
    if (level === 1) break;
    const boot: any = script.runSync(context, asReference);
    if (level === 2) break;
    const cache = caches.get(fn);
    const b = isolate.compileScriptSync(fn.bundle.source, {
      filename: 'f.js',
      ...(cache && { cachedData: codeCacheOf(cache) }),
    });
    const userBundle: any = b.runSync(context, asReference);
    if (level === 3) break;
    mailbox = new Mailbox(2);
    let turns = 0;
    open = boot.applySync(
      undefined,
      [
        hostReference((name: any) => mailbox.request(name)),
        postingCallback((...args: any[]) => {
          if (args[0] === 7) {
            turns++;
            if (process.env.SHOW && level === 7) console.log(args);
            if (turns === (level === 6 ? 1 : 2)) setImmediate(done);
          }
        }),
        synchronousCallback(() => {
          console.log('call');
        }),
        isolate,
        settings(fn),
        userBundle.derefInto({ release: true }),
      ],
      { result: asReference },
    );
    if (level === 4) break;
    open
      .applySync(undefined, mailbox.arm(), { arguments: { promise: true }, result: { promise: true } })
      .catch(() => {});
    if (level === 5) break;
    mailbox.send('E1');
    if (level === 7) mailbox.send(reqMsg(fn));
    await finished;
  } while (false);
  isolate.dispose();
  open?.release();
  await tick();
}
import { message } from '../sandbox/wire.ts';
import { requestMessage } from '../sandbox/guest-messages.ts';
function reqMsg(fn: any): string {
  return requestMessage(
    1,
    {
      method: 'GET',
      url: 'http://localhost/f',
      headers: ['host', 'localhost', 'user-agent', 'x', 'accept', '*/*'],
      body: null,
      remoteAddress: '127.0.0.1',
    } as any,
    1,
  ) as any;
}
const names = ['bare', '+compile runtime', '+run runtime', '+bundle', '+boot', '+open', '+evaluate', '+request'];
const levels = process.argv[2] ? process.argv[2].split(',').map(Number) : [0, 1, 2, 3, 4, 5, 6, 7];
console.log(message);
const N = +(process.env.N ?? 60);
for (const fn of fns) {
  const res: number[][] = levels.map(() => []),
    sys: number[][] = levels.map(() => []);
  for (let round = 0; round < +(process.env.R ?? 10); round++)
    for (const [i, l] of levels.entries()) {
      await new Promise((r) => setTimeout(r, 30));
      const c = process.cpuUsage();
      const q = process.resourceUsage();
      for (let k = 0; k < N; k++) await rung(fn, l);
      await new Promise((r) => setTimeout(r, 60));
      const d = process.cpuUsage(c);
      const q2 = process.resourceUsage();
      if (round === 9)
        console.log(
          names[l],
          'flt',
          ((q2.minorPageFault - q.minorPageFault) / N).toFixed(1),
          'vcsw',
          ((q2.voluntaryContextSwitches - q.voluntaryContextSwitches) / N).toFixed(1),
        );
      if (round > 0) {
        res[i]!.push((d.user + d.system) / 1000 / N);
        sys[i]!.push(d.system / 1000 / N);
      }
    }
  console.log(fn.dialect.name);
  let last = 0;
  for (const [i, l] of levels.entries()) {
    const m = median(res[i]!);
    console.log(names[l]!.padEnd(20), m.toFixed(3), 'sys', median(sys[i]!).toFixed(3), '+' + (m - last).toFixed(3));
    last = m;
  }
}
await images.close();
