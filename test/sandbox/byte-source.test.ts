import { once } from 'node:events';
import { Readable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import {
  type ByteSource,
  gather,
  sourceOfBytes,
  sourceOfReadable,
  sourceOfStream,
  streamOfSource,
  TooManyBytes,
} from '../../sandbox/byte-source.ts';
import { freeBytes, Pieces } from '../../sandbox/pieces.ts';
import { ReadAhead } from '../../sandbox/read-ahead.ts';

const kibibyte = 1024;

/** Pieces of so many bytes, each filled with its number. */
class Counted implements ByteSource {
  readonly length: number | undefined;
  readonly released: Uint8Array[] = [];
  reads = 0;
  isCanceled = false;
  readonly #sizes: readonly number[];

  constructor(sizes: readonly number[], length?: number) {
    this.#sizes = sizes;
    this.length = length;
  }

  async read(): Promise<Uint8Array | undefined> {
    const size = this.#sizes[this.reads];
    if (size === undefined) return undefined;
    this.reads += 1;
    return new Uint8Array(size).fill(this.reads);
  }

  cancel(): void {
    this.isCanceled = true;
  }

  release(piece: Uint8Array): void {
    this.released.push(piece);
  }
}

function contentOf(sizes: readonly number[]): Buffer {
  return Buffer.concat(sizes.map((size, index) => Buffer.alloc(size, index + 1)));
}

describe('a Node stream as a source', () => {
  test('is read at the pace of its reader', async () => {
    let pushed = 0;
    const readable = new Readable({
      highWaterMark: 64 * kibibyte,
      read() {
        pushed += 1;
        this.push(pushed > 1_000 ? null : Buffer.alloc(64 * kibibyte, pushed));
      },
    });
    const source = sourceOfReadable(readable);
    await nextTurn();
    expect(pushed).toBe(0);
    expect(await source.read()).toEqual(Buffer.alloc(64 * kibibyte, 1));
    for (let turn = 0; turn < 10; turn += 1) await nextTurn();
    expect(pushed).toBeLessThan(6);
    let bytes = 64 * kibibyte;
    for (let piece = await source.read(); piece !== undefined; piece = await source.read()) bytes += piece.length;
    expect(bytes).toBe(1_000 * 64 * kibibyte);
  });

  test('rejects when it breaks off, once everything before has been read', async () => {
    const readable = new Readable({ read() {} });
    const source = sourceOfReadable(readable);
    readable.push('a');
    const first = source.read();
    await expect(first).resolves.toEqual(Buffer.from('a'));
    const second = source.read();
    readable.destroy();
    await expect(second).rejects.toThrow('the connection was closed');
    const failing = new Readable({ read() {} });
    const failed = sourceOfReadable(failing);
    const reading = failed.read();
    failing.destroy(new Error('broken'));
    await expect(reading).rejects.toThrow('broken');
  });

  test('answers nothing more when it was cancelled', async () => {
    const readable = new Readable({ read() {} });
    const source = sourceOfReadable(readable);
    const reading = source.read();
    source.cancel();
    expect(await reading).toBeUndefined();
    expect(await source.read()).toBeUndefined();
    if (!readable.closed) await once(readable, 'close');
    expect(readable.destroyed).toBe(true);
  });
});

describe('a web stream of a source', () => {
  test('is the source again for code that knows sources, and locked from then on', async () => {
    const source = new Counted([1, 2]);
    const stream = streamOfSource(source);
    expect(sourceOfStream(stream)).toBe(source);
    expect(stream.locked).toBe(true);
  });

  test('goes on as a stream when somebody has begun to read it', async () => {
    const source = new Counted([1, 2]);
    const stream = streamOfSource(source);
    const reader = stream.getReader();
    expect((await reader.read()).value).toEqual(new Uint8Array([1]));
    reader.releaseLock();
    const rest = sourceOfStream(stream);
    expect(rest).not.toBe(source);
    expect(await rest.read()).toEqual(new Uint8Array([2, 2]));
    expect(await rest.read()).toBeUndefined();
  });

  test('cancels the source', async () => {
    const source = new Counted([1]);
    await streamOfSource(source).cancel();
    expect(source.isCanceled).toBe(true);
  });
});

describe('a body that is gathered', () => {
  const sizes = [300 * kibibyte, 1, 200 * kibibyte];
  const total = 500 * kibibyte + 1;

  test.each([
    ['says nothing of its length', undefined],
    ['is as long as it says', total],
    ['is shorter than it says', total + 1_000],
    ['is longer than it says', 400 * kibibyte],
  ])('is complete when it %s', async (_how, length) => {
    const pieces = await gather(new Counted(sizes, length), 2 ** 20);
    expect(pieces.length).toBe(total);
    expect(pieces.join().equals(contentOf(sizes))).toBe(true);
  });

  test('is where it is going to be as soon as it has come, and its pieces are released', async () => {
    const source = new Counted(sizes, total);
    const pieces = await gather(source, 2 ** 20);
    expect(source.released.map(({ length }) => length)).toEqual(sizes);
    expect(pieces.join()).toBe(pieces.toBytes());
  });

  test('takes no memory for what is too long, whatever it says', async () => {
    for (const length of [undefined, 1_000, 2 ** 40]) {
      const source = new Counted(sizes, length);
      await expect(gather(source, 400 * kibibyte)).rejects.toBeInstanceOf(TooManyBytes);
      expect(source.isCanceled).toBe(true);
    }
  });

  test('leaves bytes alone that are not its own', async () => {
    const bytes = new Uint8Array(300 * kibibyte).fill(7);
    const joined = (await gather(sourceOfBytes(bytes), 2 ** 20)).join();
    structuredClone(joined.buffer, { transfer: [joined.buffer] });
    expect([bytes.length, bytes[0]]).toEqual([300 * kibibyte, 7]);
  });
});

describe('bytes that are freed', () => {
  test('are gone at once when they have a buffer for themselves', () => {
    const bytes = new Uint8Array(64 * kibibyte);
    freeBytes(bytes);
    expect(bytes.length).toBe(0);
    const framed = new Uint8Array(new ArrayBuffer(64 * kibibyte + 17), 17);
    freeBytes(framed);
    expect(framed.length).toBe(0);
  });

  test('are left to V8 when others may be in their buffer', () => {
    const half = new Uint8Array(new ArrayBuffer(64 * kibibyte), 0, 32 * kibibyte);
    const pooled = Buffer.allocUnsafe(Buffer.poolSize / 2 - 1);
    const shared = new Uint8Array(new SharedArrayBuffer(64 * kibibyte));
    for (const bytes of [half, pooled, shared]) freeBytes(bytes);
    expect([half.length, pooled.length, shared.length]).toEqual([
      32 * kibibyte,
      Buffer.poolSize / 2 - 1,
      64 * kibibyte,
    ]);
  });
});

describe('pieces that are read ahead', () => {
  test('come together as one, up to the window, and are released when they are joined', async () => {
    const sizes = [10, 20, 30, 40];
    const source = new Counted(sizes);
    const ahead = new ReadAhead(source, 60);
    const first = (await ahead.read())!;
    expect(first.length).toBe(60);
    expect(first.join().equals(contentOf([10, 20, 30]))).toBe(true);
    expect(source.released.map(({ length }) => length)).toEqual([10, 20, 30]);
    expect((await ahead.read())!.length).toBe(40);
    expect(await ahead.read()).toBeUndefined();
  });

  test('do not wait for others that do not come', async () => {
    let give: ((piece: Uint8Array | undefined) => void) | undefined;
    const source: ByteSource = {
      length: undefined,
      read: () =>
        new Promise((resolve) => {
          give = resolve;
        }),
      cancel() {},
    };
    const ahead = new ReadAhead(source, 2 ** 20);
    for (const size of [1, 200 * kibibyte]) {
      const reading = ahead.read();
      give!(new Uint8Array(size));
      expect((await reading)!.length).toBe(size);
    }
  });

  test('break off with the error of their source', async () => {
    const source: ByteSource = { length: undefined, read: () => Promise.reject(new Error('broken')), cancel() {} };
    await expect(new ReadAhead(source, 100).read()).rejects.toThrow('broken');
  });
});

test('pieces without any bytes are nothing', () => {
  expect(new Pieces([], 0).join()).toHaveLength(0);
});
