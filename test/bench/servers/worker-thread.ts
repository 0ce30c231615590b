/** A thread of worker.ts: answers one call, and ends. */
import { parentPort, workerData } from 'node:worker_threads';
import type { WorkerCall, WorkerMessage } from './worker-messages.ts';

type Piece = Uint8Array<ArrayBuffer>;

const { file, method, url, headers, body } = workerData as WorkerCall;
const { default: fn } = (await import(file)) as { default: { fetch(request: Request): Promise<Response> } };
const response = await fn.fetch(new Request(url, { method, headers, body }));
const head = { status: response.status, headers: [...response.headers] as [string, string][] };
const reader = response.body!.getReader() as ReadableStreamDefaultReader<Piece>;
const first = await reader.read();
const second = first.done ? first : await reader.read();
if (second.done) {
  post({ kind: 'whole', head, body: first.value ?? new Uint8Array() });
} else {
  post({ kind: 'begin', head });
  const pieces: Piece[] = [first.value!, second.value];
  parentPort!.on('message', () => void next());

  async function next(): Promise<void> {
    const piece = pieces.shift() ?? (await reader.read()).value;
    if (piece !== undefined) {
      post({ kind: 'piece', bytes: piece });
      return;
    }
    post({ kind: 'end' });
    parentPort!.close();
  }
}

function post(message: WorkerMessage): void {
  parentPort!.postMessage(message);
}
