import { describe, expect, test } from 'vitest';
import { ResponseStream } from '../../sandbox/response-stream.ts';
import { streamWindowBytes } from '../../sandbox/wire.ts';
import { functionOf, handler, type TestSandbox, testSandbox } from '../support/sandbox.ts';

interface Streamed {
  readonly body: ReadableStream<Uint8Array>;
  readonly logs: string[];
  readonly ended: Promise<unknown>;
  cancel(): void;
}

async function stream(sandbox: TestSandbox, code: string): Promise<Streamed> {
  const logs: string[] = [];
  const handle = sandbox.invoke({
    id: 'test',
    function: functionOf(handler(code), { cpuTimeMs: 10_000 }),
    request: { method: 'GET', url: 'http://localhost/', headers: [], body: null, remoteAddress: '' },
    onLog: ({ text }) => logs.push(text),
  });
  const answer = await handle.answer;
  if (answer.kind !== 'response') throw new Error(JSON.stringify(answer));
  const body = answer.response.body as ReadableStream<Uint8Array>;
  return { body, logs, ended: handle.ended.then(({ outcome }) => outcome.kind), cancel: () => handle.cancel() };
}

describe.each([
  ['inline', 0],
  ['in a cell', 1],
])('a streamed response %s', (_where, cells) => {
  test('is what the function has written, in whatever pieces', async () => {
    await using sandbox = await testSandbox(cells);
    const { body, ended } = await stream(
      sandbox,
      `const sizes = [1, 7, 65536, 65537, 300000, 1, 131072, 1000000, 2, 200000, 524288, 5, 262144, 3];
       let n = 0;
       return new Response(new ReadableStream({ pull(c) {
         if (n === sizes.length) return c.close();
         const size = sizes[n++];
         // One in three is a view of something larger.
         const bytes = n % 3 === 0 ? new Uint8Array(new ArrayBuffer(size + 20), 10, size) : new Uint8Array(size);
         for (let i = 0; i < size; i++) bytes[i] = (i * 31 + n) & 255;
         c.enqueue(bytes);
         if (n % 2 === 0) return new Promise((resolve) => setTimeout(resolve, 1));
       } }));`,
    );
    const received = new Uint8Array(await new Response(body as never).arrayBuffer());
    const sizes = [1, 7, 65536, 65537, 300000, 1, 131072, 1000000, 2, 200000, 524288, 5, 262144, 3];
    const expected = sizes.map((size, index) =>
      Buffer.from(Array.from({ length: size }, (_, i) => (i * 31 + index + 1) & 255)),
    );
    expect(Buffer.concat(expected).equals(received)).toBe(true);
    expect(await ended).toBe('ok');
  });

  test('has each piece as it was when it was written', async () => {
    await using sandbox = await testSandbox(cells);
    const { body } = await stream(
      sandbox,
      `const chunk = new Uint8Array(1000); let n = 0;
       return new Response(new ReadableStream({ pull(c) {
         if (n === 2000) return c.close();
         c.enqueue(chunk.fill(n++));
       } }, { highWaterMark: 0 }));`,
    );
    const received = Buffer.from(await new Response(body as never).arrayBuffer());
    expect(received.equals(Buffer.concat(Array.from({ length: 2_000 }, (_, n) => Buffer.alloc(1_000, n))))).toBe(true);
  });

  test.each([
    ['pieces of 64 KiB', 64 * 1024, 0],
    ['single bytes', 1, 0],
    ['pieces of 300 kB', 300_000, 0],
  ])('waits for a client that does not read: %s', async (_what, size) => {
    await using sandbox = await testSandbox(cells);
    const { body, logs, ended, cancel } = await stream(
      sandbox,
      `let n = 0; setInterval(() => console.log(n), 20);
       return new Response(new ReadableStream({ pull(c) { n++; c.enqueue(new Uint8Array(${size})) } }));`,
    );
    // It does not go on any more.
    await expect.poll(() => logs.length > 4 && logs.at(-1) === logs.at(-4)).toBe(true);
    const written = Number(logs.at(-1));
    expect(written).toBeGreaterThan(2);
    // Besides those in the window, one is on its way to each of two places, and one waits.
    const cost = (written - 3) * (size + 512);
    // What a cell has taken of small pieces goes on as large ones, within a window of its own.
    const bytes = (written - 3) * size - 64 * 1024;
    if (cells === 0) expect(cost).toBeLessThanOrEqual(streamWindowBytes + 64 * 1024);
    else expect(bytes).toBeLessThanOrEqual(streamWindowBytes * 2);
    cancel();
    await expect(new Response(body as never).arrayBuffer()).rejects.toThrow();
    expect(await ended).toBe('canceled');
  });

  test('begins to arrive while the function works on', async () => {
    await using sandbox = await testSandbox(cells);
    const { body } = await stream(
      sandbox,
      `let n = 0;
       return new Response(new ReadableStream({ pull(c) {
         if (n++ === 0) return c.enqueue(new Uint8Array(10));
         const start = Date.now();
         while (Date.now() - start < 1_500);
         c.enqueue(new TextEncoder().encode(String(Date.now())));
         c.close();
       } }, { highWaterMark: 0 }));`,
    );
    const reader = body.getReader();
    expect((await reader.read()).value).toHaveLength(10);
    const arrivedAt = Date.now();
    const workedUntil = Number(new TextDecoder().decode((await reader.read()).value));
    expect(workedUntil).toBeGreaterThan(arrivedAt);
  });
});

describe('the host’s end of a streamed response', () => {
  test('takes no more than the credit allows, whatever the guest says of its pieces', () => {
    const credits: number[] = [];
    const end = new ResponseStream(
      (credit) => credits.push(credit),
      () => {},
    );
    const piece = new Uint8Array(64 * 1024);
    let taken = 0;
    while (end.write(piece)) taken += 1;
    expect(taken * piece.length).toBeLessThanOrEqual(streamWindowBytes * 2);
    expect(end.write('', 2_000)).toBe(false);
    expect(credits).toEqual([]);
  });

  test('gives back in portions what the client has taken', async () => {
    const credits: number[] = [];
    const end = new ResponseStream(
      (credit) => credits.push(credit),
      () => {},
    );
    const pieces = 8;
    for (let count = 0; count < pieces; count += 1) end.write(new Uint8Array(64 * 1024).fill(count), 2);
    end.end();
    const reader = end.readable.getReader();
    const received: Uint8Array[] = [];
    for (let next = await reader.read(); !next.done; next = await reader.read()) received.push(next.value);
    expect(received.map((bytes) => bytes[0])).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    // What comes behind the end is nobody's credit any more.
    expect(credits).toEqual([]);
  });

  test('gives back credit when half of the window was taken, or all that there was', async () => {
    const credits: number[] = [];
    const end = new ResponseStream(
      (credit) => credits.push(credit),
      () => {},
    );
    const half = streamWindowBytes / 2;
    end.write(new Uint8Array(half - 1_000));
    await end.read();
    expect(credits).toEqual([]);
    end.write(new Uint8Array(1_000));
    await end.read();
    expect(credits).toEqual([half + 2 * 512]);
  });
});
