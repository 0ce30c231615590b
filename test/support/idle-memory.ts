/** A process that deploys functions and prints how many bytes of memory one takes that nobody calls. Run with --expose-gc. */
import { setTimeout as sleep } from 'node:timers/promises';
import { createHost } from '../../src/index.ts';

const sourceLength = 50_000;
const before = 20;
const counted = 60;

/** Each its own, as functions are. */
function sourceOf(index: number): string {
  const steps: string[] = [];
  let length = 0;
  for (let step = 0; length < sourceLength; step += 1) {
    const text = `function step${step}(value: number): number { return value * ${index * 1_000 + step} + step${step + 1}(value); }`;
    steps.push(text);
    length += text.length;
  }
  const last = `function step${steps.length}(value: number): number { return value; }`;
  return [...steps, last, 'export default () => new Response(String(step0(1)));'].join('\n');
}

async function bytesInUse(): Promise<number> {
  for (let round = 0; round < 4; round += 1) {
    await sleep(50);
    globalThis.gc!();
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

const host = await createHost();
let deployed = 0;
const deployUpTo = async (count: number): Promise<void> => {
  for (; deployed < count; deployed += 1)
    await host.deploy({ name: `f${deployed}`, source: sourceOf(deployed), language: 'ts' });
};
await deployUpTo(before);
const first = await bytesInUse();
await deployUpTo(before + counted);
const { bundleBytes } = host.functions().at(-1)!;
const perFunction = ((await bytesInUse()) - first) / counted;
const response = await host.fetch(new Request('http://localhost/f0'));
process.stdout.write(JSON.stringify({ perFunction, bundleBytes, status: response.status }));
await response.text();
await host.close();
