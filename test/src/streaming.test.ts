import { request as send } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { InvocationRecord } from '../../src/index.ts';
import { fn, type TestServer, testServer } from '../support/host.ts';

const mebibyte = 2 ** 20;
const size = 24 * mebibyte;

/** Sends pieces of a body, with or without telling its length, and answers with status and size of the response. */
function upload(
  url: string,
  bytes: number,
  { abortAt = Infinity, length }: { abortAt?: number; length?: number } = {},
): Promise<{ status: number; bytes: number; text: string }> {
  return new Promise((resolve, reject) => {
    const headers = length === undefined ? {} : { 'content-length': length };
    const request = send(url, { method: 'POST', headers }, (response) => {
      let received = 0;
      let text = '';
      response.on('data', (piece: Buffer) => {
        received += piece.length;
        if (text.length < 500) text += piece.toString('latin1', 0, 500);
      });
      response.on('end', () => resolve({ status: response.statusCode!, bytes: received, text }));
      response.on('error', reject);
    });
    request.on('error', reject);
    const piece = Buffer.alloc(256 * 1024, 'x');
    let sent = 0;
    const go = (): void => {
      while (sent < bytes) {
        if (sent >= abortAt) {
          request.destroy();
          return;
        }
        sent += piece.length;
        if (!request.write(piece)) {
          request.once('drain', go);
          return;
        }
      }
      request.end();
    };
    go();
  });
}

describe.each([
  ['inline', 0],
  ['in a cell', 1],
])('large bodies %s', (_where, cells) => {
  let server: TestServer;
  const records: InvocationRecord[] = [];
  beforeAll(async () => {
    server = await testServer(
      {
        pass: fn('return new Response(request.body)'),
        clone: fn('return new Response(new Request(request).body)'),
        count: fn(
          'let n = 0; for await (const piece of request.body) n += piece.length; return new Response(String(n))',
        ),
        through: fn('return new Response(request.body.pipeThrough(new TransformStream()))'),
        text: fn(
          'const copy = request.clone(); return new Response(String((await request.text()).length + (await copy.bytes()).length))',
        ),
        first: fn(
          'const { value } = await request.body.getReader().read(); return new Response(String(value.length > 0))',
        ),
        ignore: fn('return new Response("not read")'),
        hog: fn('return new Response(await request.bytes())'),
        whole: fn('return new Response(String((await request.bytes()).length))'),
      },
      {
        isolation: { cells },
        memoryMiB: 32,
        cpuTimeMs: 20_000,
        requestBodyBytes: size + 12 * mebibyte,
        onInvocation: (record) => records.push(record),
      },
    );
  });
  afterAll(() => server[Symbol.asyncDispose]());

  test.each(['pass', 'clone', 'through'])('go through a function that has less memory: %s', async (name) => {
    expect(await upload(`${server.url}/${name}`, size)).toMatchObject({ status: 200, bytes: size });
  });

  test('are read piece by piece, as a whole, or not at all', async () => {
    expect(await upload(`${server.url}/count`, size)).toMatchObject({ status: 200, text: String(size) });
    expect(await upload(`${server.url}/text`, 3 * mebibyte)).toMatchObject({ status: 200, text: String(6 * mebibyte) });
    expect(await upload(`${server.url}/first`, 2 * mebibyte)).toMatchObject({ status: 200, text: 'true' });
    expect(await upload(`${server.url}/ignore`, 2 * mebibyte)).toMatchObject({ status: 200, text: 'not read' });
  });

  test('fit into the isolate as long as it has the memory for them once', async () => {
    const text = String(size);
    expect(await upload(`${server.url}/whole`, size)).toMatchObject({ status: 200, text });
    expect(await upload(`${server.url}/whole`, size, { length: size })).toMatchObject({ status: 200, text });
  });

  test('are refused where they go over their limit, or do not fit into the isolate', async () => {
    const tooLarge = await upload(`${server.url}/count`, size + 20 * mebibyte);
    expect(tooLarge.status).toBe(413);
    expect(JSON.parse(tooLarge.text)).toMatchObject({ outcome: 'requestTooLarge', limit: 'requestBodyBytes' });
    const hog = await upload(`${server.url}/hog`, size + 8 * mebibyte);
    expect(hog.status).toBe(500);
    expect(JSON.parse(hog.text)).toMatchObject({ outcome: 'exceededMemory' });
  });

  test('end with the client', async () => {
    records.length = 0;
    await expect(upload(`${server.url}/count`, size, { abortAt: 4 * mebibyte })).rejects.toThrow();
    await expect.poll(() => records.map(({ outcome }) => outcome.kind)).toEqual(['canceled']);
  });
});
