import DataLoader from 'dataloader';
import { EventEmitter } from 'eventemitter3';
import { LRUCache } from 'lru-cache';
import mitt from 'mitt';
import pLimit from 'p-limit';
import PQueue from 'p-queue';

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

export default async function () {
  let running = 0;
  let most = 0;
  const limit = pLimit(2);
  await Promise.all(
    [1, 2, 3, 4].map(() =>
      limit(async () => {
        most = Math.max(most, ++running);
        await sleep(2);
        running--;
      }),
    ),
  );
  const queue = new PQueue({ concurrency: 1 });
  const order: string[] = [];
  await Promise.all([
    queue.add(() => sleep(2)),
    queue.add(() => order.push('low'), { priority: 0 }),
    queue.add(() => order.push('high'), { priority: 9 }),
  ]);
  const batches: number[][] = [];
  const loader = new DataLoader(async (keys: readonly number[]) => {
    batches.push([...keys]);
    return keys.map((key) => key * 10);
  });
  const loaded = await Promise.all([loader.load(1), loader.load(2), loader.load(1)]);
  const cache = new LRUCache<string, number>({ max: 2, ttl: 5 });
  cache.set('a', 1).set('b', 2).set('c', 3);
  const kept = [...cache.keys()];
  await sleep(15);
  const heard: unknown[] = [];
  const emitter = new EventEmitter();
  emitter.once('x', (...values) => heard.push(values));
  emitter.emit('x', 1, 2);
  emitter.emit('x', 3);
  const bus = mitt<{ y: string }>();
  bus.on('*', (type, event) => heard.push([type, event]));
  bus.emit('y', 'z');
  return Response.json({ most, order, batches, loaded, kept, expired: cache.get('c') === undefined, heard });
}
