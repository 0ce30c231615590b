import { describe, expect, test } from 'vitest';
import { gather } from '../../sandbox/byte-source.ts';
import type { WireStream } from '../../sandbox/index.ts';
import { HeldBytes } from '../../src/held-bytes.ts';
import { openRequestBody, RequestStream } from '../../src/request-stream.ts';

const mebibyte = 2 ** 20;

/** A body of so many pieces, which counts what was read of it. */
class Upload implements WireStream {
  readonly length = undefined;
  pieces = 0;
  isCanceled = false;
  readonly #total: number;
  readonly #size: number;

  constructor(total: number, size = 64 * 1024) {
    this.#total = total;
    this.#size = size;
  }

  async read(): Promise<Uint8Array | undefined> {
    if (this.pieces === this.#total) return undefined;
    this.pieces += 1;
    return new Uint8Array(this.#size);
  }

  cancel(): void {
    this.isCanceled = true;
  }
}

/** Room for so many bytes, as a host has it for one tenant. */
function roomOf(bytes: number): { held: number; take(bytes: number): boolean; give(bytes: number): void } {
  const all = new HeldBytes(bytes, () => bytes);
  return {
    held: 0,
    take(more) {
      if (!all.take('t', more)) return false;
      this.held += more;
      return true;
    },
    give(less) {
      all.give('t', less);
      this.held -= less;
    },
  };
}

async function streamOf(upload: Upload, maxBytes: number, room = roomOf(64 * mebibyte)): Promise<RequestStream> {
  const opened = await openRequestBody(upload, undefined, maxBytes, room, true);
  expect(opened).toHaveProperty('body');
  const { body } = opened as { body: unknown };
  expect(body).toBeInstanceOf(RequestStream);
  return body as RequestStream;
}

describe('a request body', () => {
  test('is there before its function is called when it is small, or when the function cannot begin without it', async () => {
    const small = await openRequestBody(new Upload(3, 1_000), undefined, mebibyte, roomOf(mebibyte), true);
    expect(small).toEqual({ body: expect.any(Uint8Array) });
    const whole = await openRequestBody(new Upload(64), undefined, 8 * mebibyte, roomOf(8 * mebibyte), false);
    expect((whole as { body: Uint8Array }).body).toHaveLength(4 * mebibyte);
  });

  test('comes in at the pace of its reader, and takes no room then', async () => {
    const upload = new Upload(1_000);
    const room = roomOf(2 * mebibyte);
    const stream = await streamOf(upload, 100 * mebibyte, room);
    expect(upload.pieces).toBe(16);
    expect(room.held).toBe(mebibyte);
    let bytes = 0;
    for (let piece = await stream.read(); piece !== undefined; piece = await stream.read()) bytes += piece.length;
    expect(bytes).toBe(1_000 * 64 * 1024);
    expect(room.held).toBe(0);
  });

  test('is given up where it goes over its limit', async () => {
    const upload = new Upload(1_000);
    const stream = await streamOf(upload, 2 * mebibyte);
    const failures: unknown[] = [];
    stream.onFailure = (failure) => failures.push(failure);
    await expect(
      (async () => {
        while ((await stream.read()) !== undefined);
      })(),
    ).rejects.toThrow('requestTooLarge');
    expect(failures).toEqual([
      {
        kind: 'requestTooLarge',
        breach: { limit: 'requestBodyBytes', allowed: 2 * mebibyte, used: 2 * mebibyte + 64 * 1024 },
      },
    ]);
    expect(upload).toMatchObject({ isCanceled: true, pieces: 33 });
  });

  test('takes room as long as all of it is kept, and is given up when there is none', async () => {
    const room = roomOf(3 * mebibyte);
    const fits = await streamOf(new Upload(32), 100 * mebibyte, room);
    expect((await gather(fits, 100 * mebibyte)).length).toBe(2 * mebibyte);
    expect(room.held).toBe(2 * mebibyte);
    const stream = await streamOf(new Upload(32), 100 * mebibyte, room);
    const failures: unknown[] = [];
    stream.onFailure = (failure) => failures.push(failure);
    await expect(gather(stream, 100 * mebibyte)).rejects.toThrow('overloaded');
    expect(failures).toMatchObject([{ kind: 'overloaded' }]);
  });

  test('gives back the room of what nobody has read', async () => {
    const room = roomOf(2 * mebibyte);
    const upload = new Upload(100);
    const stream = await streamOf(upload, 100 * mebibyte, room);
    stream.cancel();
    expect(room.held).toBe(0);
    expect(upload.isCanceled).toBe(true);
  });
});
