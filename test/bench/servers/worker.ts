/** A thread of its own for every call, behind Hono. */
// oxlint-disable unicorn/require-post-message-target-origin -- threads have no origins
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { Worker } from 'node:worker_threads';
import { serverArguments } from './arguments.ts';
import type { WorkerCall, WorkerMessage } from './worker-messages.ts';

const thread = new URL('./worker-thread.js', import.meta.url);
const memoryMiB = 128;

const { port, functions } = serverArguments();
const app = new Hono();
for (const { name, file } of functions) {
  app.all(`/${name}`, async ({ req: { raw } }) => {
    const body = raw.method === 'POST' ? await raw.text() : null;
    return answer({ file, method: raw.method, url: raw.url, headers: [...raw.headers], body });
  });
}
serve({ fetch: app.fetch, hostname: '127.0.0.1', port });

function answer(call: WorkerCall): Promise<Response> {
  const worker = new Worker(thread, {
    workerData: call,
    resourceLimits: { maxOldGenerationSizeMb: memoryMiB },
  });
  return new Promise((resolve, reject) => {
    let controller: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>> | undefined;
    worker.on('message', (message: WorkerMessage) => {
      if (message.kind === 'whole') {
        resolve(new Response(message.body, message.head));
      } else if (message.kind === 'begin') {
        const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
          start(its) {
            controller = its;
          },
          pull: () => worker.postMessage('more'),
          cancel: () => void worker.terminate(),
        });
        resolve(new Response(body, message.head));
      } else if (message.kind === 'piece') {
        controller!.enqueue(message.bytes);
      } else {
        controller!.close();
      }
    });
    worker.once('error', (error) => {
      controller?.error(error);
      reject(error);
    });
  });
}
