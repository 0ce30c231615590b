/** The server that the workload `fetch` asks. Run by itself it is that server, in a process of its own. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const delayMs = 10;
const self = fileURLToPath(import.meta.url);

export interface BenchUpstream extends AsyncDisposable {
  readonly url: string;
}

if (process.argv[1] === self) serve();

export async function startUpstream(): Promise<BenchUpstream> {
  const child = fork(self);
  const [port] = (await once(child, 'message')) as [number];
  return {
    url: `http://127.0.0.1:${port}/`,
    async [Symbol.asyncDispose]() {
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    },
  };
}

function serve(): void {
  const body = JSON.stringify({ items: ['first', 'second', 'third'] });
  const server = createServer((_request, response) => {
    setTimeout(() => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length });
      response.end(body);
    }, delayMs);
  });
  server.listen(0, '127.0.0.1', () => process.send!((server.address() as AddressInfo).port));
  process.on('disconnect', () => process.exit(0));
}
