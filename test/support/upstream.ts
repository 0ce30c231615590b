/** A server on 127.0.0.1 for functions to send requests to. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo } from 'node:net';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { openPolicy, parseHostRule } from '../../sandbox/index.ts';

export interface Upstream extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  /** Requests so far, as method and path. */
  readonly requests: readonly string[];
  /** Requests whose connection went away before they were answered. */
  readonly broken: readonly string[];
}

/** Lets functions reach the servers of a test. */
export const loopbackPolicy = { ...openPolicy, private: [parseHostRule('127.0.0.1'), parseHostRule('localhost')] };

export const plainText = 'the quick brown fox '.repeat(2_000);
const compressors: Readonly<Record<string, (data: string) => Buffer>> = {
  gzip: (data) => gzipSync(data),
  deflate: (data) => deflateSync(data),
  'deflate-raw': (data) => deflateRawSync(data),
  br: (data) => brotliCompressSync(data),
  zstd: (data) => zstdCompressSync(data),
};

export async function startUpstream(): Promise<Upstream> {
  const requests: string[] = [];
  const broken: string[] = [];
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    response.once('close', () => {
      if (!response.writableFinished) broken.push(request.url!);
    });
    answer(request, response);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    requests,
    broken,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}

function answer(request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url!, 'http://localhost');
  const [, what = '', rest = ''] = url.pathname.split('/');
  const number = Number(rest);
  switch (what) {
    case 'redirect':
      response.writeHead(number, { location: url.searchParams.get('to') ?? '' }).end('moved');
      return;
    case 'loop':
      response.writeHead(302, { location: '/loop' }).end();
      return;
    case 'coded':
      response.setHeader('content-encoding', rest.replace('-raw', ''));
      response.end(compressors[rest]!(plainText));
      return;
    case 'bytes':
      pour(response, number);
      return;
    case 'echo':
      request.pipe(response);
      return;
    case 'count':
      count(request, response);
      return;
    case 'cut':
      response.writeHead(200, { 'content-length': '1000' });
      response.write('x'.repeat(10));
      setTimeout(() => response.destroy(), 20);
      return;
    case 'status':
      response.writeHead(number).end();
      return;
    case 'say':
      response.setHeader('x-said', request.headers['x-say'] ?? '');
      response.write(`you said ${String(request.headers['x-say']).slice(0, 5)}`);
      setTimeout(
        () => response.end(`${String(request.headers['x-say']).slice(5)}, ${request.headers.authorization}`),
        10,
      );
      return;
    case 'hold':
      response.write('begun');
      return;
    case 'never':
      return;
    default:
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ method: request.method, url: request.url, headers: request.headers }));
  }
}

function pour(response: ServerResponse, bytes: number): void {
  const piece = Buffer.alloc(64 * 1024, 'x');
  let left = bytes;
  const go = (): void => {
    while (left > 0) {
      const size = Math.min(left, piece.length);
      left -= size;
      if (!response.write(piece.subarray(0, size))) {
        response.once('drain', go);
        return;
      }
    }
    response.end();
  };
  go();
}

function count(request: IncomingMessage, response: ServerResponse): void {
  let bytes = 0;
  request.on('data', (piece: Buffer) => {
    bytes += piece.length;
  });
  request.on('end', () => response.end(String(bytes)));
}
