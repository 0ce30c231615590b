/** Uses a host in every way, closes it, and tells what is left. */
import { processTree } from '../../bundler/process-tree.ts';
import { createHost } from '../../src/index.ts';

const globalsBefore = new Map(
  Reflect.ownKeys(globalThis).map((key) => [key, Reflect.getOwnPropertyDescriptor(globalThis, key)]),
);
const listenersBefore = JSON.stringify(process.eventNames().map((name) => [String(name), process.listenerCount(name)]));

const host = await createHost({ wallTimeMs: 300, cpuTimeMs: 100, memoryMiB: 32 });
const sources = {
  hello: 'export default () => new Response("hi")',
  logs: 'export default () => { console.log("x"); console.error("y"); return new Response("hi") }',
  throws: 'export default () => { throw new Error("x") }',
  loops: 'export default () => { for (;;); }',
  waits: 'export default () => new Promise((r) => setTimeout(r, 10_000))',
  hoards: 'export default () => { const a = []; for (;;) a.push(new Array(1000)) }',
};
for (const [name, source] of Object.entries(sources)) await host.deploy({ name, source });
await host.deploy({ name: 'broken', source: 'const = ' }).catch(() => {});
const answers = await Promise.all(
  Array.from({ length: 10 }, () => Object.keys(sources))
    .flat()
    .map((name) => host.fetch(new Request(`http://localhost/${name}`))),
);
await host.close();

const isStandard = (name: string): boolean => ['TTYWrap', 'PipeWrap', 'WriteWrap'].includes(name);
const report = {
  answers: answers.length,
  changedGlobals: Reflect.ownKeys(globalThis)
    .filter((key) => {
      const before = globalsBefore.get(key);
      const now = Reflect.getOwnPropertyDescriptor(globalThis, key);
      // Node fills in its lazy globals when they are first used; that replaces an accessor, and is not ours.
      return before === undefined || (before.get === undefined && !Object.is(before.value, now?.value));
    })
    .map(String),
  handles: process.getActiveResourcesInfo().filter((name) => !isStandard(name)),
  children: processTree(process.pid).slice(1),
  listeners:
    JSON.stringify(process.eventNames().map((name) => [String(name), process.listenerCount(name)])) === listenersBefore,
};
process.stdout.write(JSON.stringify(report));
