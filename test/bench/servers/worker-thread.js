/** A thread of worker.ts: answers one call, and ends. Plain JavaScript, so that no thread pays for the removal of types. */
// oxlint-disable unicorn/require-post-message-target-origin -- threads have no origins
import { parentPort, workerData } from 'node:worker_threads';

const { file, method, url, headers, body } = workerData;
const { default: fn } = await import(file);
const response = await fn.fetch(new Request(url, { method, headers, body }));
const head = { status: response.status, headers: [...response.headers] };
const reader = response.body.getReader();
const first = await reader.read();
const second = first.done ? first : await reader.read();
if (second.done) {
  parentPort.postMessage({ kind: 'whole', head, body: first.value ?? new Uint8Array() });
} else {
  const pieces = [first.value, second.value];
  parentPort.on('message', async () => {
    const bytes = pieces.shift() ?? (await reader.read()).value;
    parentPort.postMessage(bytes === undefined ? { kind: 'end' } : { kind: 'piece', bytes });
    if (bytes === undefined) parentPort.close();
  });
  parentPort.postMessage({ kind: 'begin', head });
}
