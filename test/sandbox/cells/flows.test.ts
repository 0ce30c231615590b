import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, fstatSync, openSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { BodyReader, BodyWriter, openBodyFiles } from '../../../sandbox/cells/body-file.ts';
import { Flows } from '../../../sandbox/cells/flows.ts';
import { FrameReader, FrameSplitter, FrameWriter, MalformedFrame } from '../../../sandbox/cells/frame.ts';
import { memoryFolder } from '../../../sandbox/cells/nameless-file.ts';
import { flowWindowBytes, toCell, toFront } from '../../../sandbox/cells/protocol.ts';
import type { WireStream } from '../../../sandbox/wire.ts';

const regionBytes = flowWindowBytes;
const hasFiles = existsSync(memoryFolder);

/** What carries bodies to a cell. */
function openFile(): { writer: BodyWriter; file: number } {
  const { writer, reader, toRead: file, toWrite } = openBodyFiles()!;
  reader.close();
  closeSync(toWrite);
  return { writer, file };
}

/** The flows of both sides, with what crosses between them. */
class Line implements Disposable {
  readonly front: Flows;
  readonly cell: Flows;
  /** Bytes that crossed in frames. */
  frameBytes = 0;
  readonly #frames = { toCell: new FrameWriter(), toFront: new FrameWriter() };
  readonly #files: number[] = [];
  #isOver = false;

  constructor(files: { writer?: BodyWriter; reader?: BodyReader } = {}) {
    this.front = new Flows(toCell, (kind) => this.#frames.toCell.begin(kind, 0), { writer: files.writer });
    this.cell = new Flows(toFront, (kind) => this.#frames.toFront.begin(kind, 0), { reader: files.reader });
    void this.#carry();
  }

  /** With a file. */
  static withFile(): Line & { readonly fileBytes: number } {
    const { writer, file } = openFile();
    const line = new Line({ writer, reader: new BodyReader(file) });
    line.#files.push(file);
    return Object.defineProperty(line, 'fileBytes', { get: () => fstatSync(file).size }) as Line & {
      fileBytes: number;
    };
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
    for (const file of this.#files) closeSync(file);
  }

  async #carry(): Promise<void> {
    const { toCell: down, toFront: up } = this.#frames;
    while (!this.#isOver) {
      this.#move(down, (frame) => this.cell.receive(toCell, frame));
      this.#move(up, (frame) => this.front.receive(toFront, frame));
      await setImmediate();
    }
  }

  #move(writer: FrameWriter, receive: (frame: FrameReader) => void): void {
    if (writer.isEmpty) return;
    const data = Buffer.concat(writer.take());
    this.frameBytes += data.length;
    new FrameSplitter(receive).push(data);
    for (const onSent of writer.takeListeners()) onSent();
  }
}

function sourceOf(pieces: readonly Uint8Array[]): WireStream & { given: number; released: number } {
  let next = 0;
  return {
    length: undefined,
    given: 0,
    released: 0,
    async read() {
      const piece = pieces[next];
      next += 1;
      this.given += piece?.length ?? 0;
      return piece;
    },
    cancel() {
      next = pieces.length;
    },
    release(piece) {
      this.released += piece.length;
    },
  };
}

async function readAll(source: WireStream, atMost?: number): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for (let piece = await source.read(atMost); piece !== undefined; piece = await source.read(atMost)) {
    if (atMost !== undefined) expect(piece.length).toBeLessThanOrEqual(Math.max(atMost, 64 * 1024));
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

/** Small ones and large ones in turn, three megabytes in all. */
function manyPieces(): Buffer[] {
  const sizes = [1, 70_000, 16_384, 300, 1_000_000, 65_536, 65_536, 15_000, 700_001, 16_385, 1_048_576];
  return sizes.map((size) => randomBytes(size));
}

const frame = (write: (writer: FrameWriter) => void): FrameReader => {
  const writer = new FrameWriter();
  write(writer);
  return new FrameReader(Buffer.concat(writer.take()).subarray(4));
};

const ways: [name: string, open: () => Line][] = [['frames alone', () => new Line()]];
if (hasFiles) ways.push(['a file', () => Line.withFile()]);

describe.each(ways)('bodies that cross by %s', (name, open) => {
  test('come whole, in pieces of any size', async () => {
    using line = open();
    for (const atMost of [undefined, 1_000, 100_000]) {
      const pieces = manyPieces();
      const source = sourceOf(pieces);
      const back = await readAll(line.cell.accept(line.front.offer(source), undefined), atMost);
      expect(back.equals(Buffer.concat(pieces))).toBe(true);
      expect(source.released).toBe(source.given);
    }
  });

  test('wait for who does not read', async () => {
    using line = open();
    const source = sourceOf(Array.from({ length: 100 }, () => Buffer.alloc(65_536)));
    const flow = line.cell.accept(line.front.offer(source), undefined);
    await flow.read();
    for (let turn = 0; turn < 100; turn += 1) await setImmediate();
    expect(source.given).toBeGreaterThan(flowWindowBytes / 2);
    expect(source.given).toBeLessThanOrEqual(flowWindowBytes * 2 + 65_536);
    expect((await readAll(flow)).length).toBeGreaterThan(5_000_000);
  });

  test('end with the error that they broke off with, after what has come', async () => {
    using line = open();
    const source: WireStream = sourceOf([Buffer.alloc(100_000, 1)]);
    const flow = line.cell.accept(
      line.front.offer({
        ...source,
        read: async () => (await source.read()) ?? Promise.reject(new Error('the client is gone')),
      }),
      undefined,
    );
    expect(await flow.read()).toHaveLength(name === 'a file' ? 100_000 : 65_536);
    await expect(readAll(flow)).rejects.toThrow('the client is gone');
  });

  test('are not asked for by more than the window', () => {
    using line = open();
    const id = line.front.offer(sourceOf(manyPieces()));
    const credit = (bytes: number) =>
      frame((writer) => writer.begin(toFront.flowCredit, 0).count(id).count(bytes).end());
    expect(() => line.front.receive(toFront, credit(flowWindowBytes + 1))).toThrow(MalformedFrame);
  });
});

describe.skipIf(!hasFiles)('the file', () => {
  test('takes all of a large body, and no more memory than its window', async () => {
    using line = Line.withFile();
    const pieces = Array.from({ length: 200 }, () => randomBytes(65_536));
    const back = await readAll(line.cell.accept(line.front.offer(sourceOf(pieces)), undefined));
    expect(back.equals(Buffer.concat(pieces))).toBe(true);
    expect(line.frameBytes).toBeLessThan(20_000);
    expect(line.fileBytes).toBe(regionBytes);
  });

  test('is used by one body after the other: those that were read, not wanted any more, or whose invocation is over', async () => {
    using line = Line.withFile();
    for (let body = 0; body < 30; body += 1) {
      const pieces = [randomBytes(400_000), randomBytes(500_000)];
      const flow = line.cell.accept(line.front.offer(sourceOf(pieces)), undefined);
      if (body % 2 === 0) expect((await readAll(flow)).equals(Buffer.concat(pieces))).toBe(true);
      else await flow.read();
      flow.cancel();
      for (let turn = 0; turn < 3; turn += 1) await setImmediate();
    }
    expect(line.fileBytes).toBe(regionBytes);
  });

  test('has room for some bodies at once; the others cross in frames', async () => {
    using line = Line.withFile();
    const bodies = Array.from({ length: 20 }, () => [randomBytes(400_000), randomBytes(500_000)]);
    const backs = await Promise.all(
      bodies.map((pieces) => readAll(line.cell.accept(line.front.offer(sourceOf(pieces)), undefined))),
    );
    for (const [index, back] of backs.entries()) expect(back.equals(Buffer.concat(bodies[index]!))).toBe(true);
    expect(line.fileBytes).toBeLessThanOrEqual(8 * regionBytes);
    expect(line.frameBytes).toBeGreaterThan(900_000);
  });

  test('that has room again while a piece is on its way in frames does not let go of it', async () => {
    const { writer, file } = openFile();
    const regions = Array.from({ length: 8 }, () => writer.take()!);
    using line = new Line({ writer, reader: new BodyReader(file) });
    const source = sourceOf([randomBytes(2_000_000)]);
    const flow = line.cell.accept(line.front.offer(source), undefined);
    await flow.read();
    for (const region of regions) writer.give(region);
    await readAll(flow);
    expect(source.released).toBe(2_000_000);
    expect(line.frameBytes).toBeGreaterThan(2_000_000);
    writer.close();
    closeSync(file);
  });

  test('gives nothing of it to whoever reads on when the invocation is over', async () => {
    const { writer, file } = openFile();
    using first = new Line({ writer, reader: new BodyReader(file) });
    const flow = first.cell.accept(first.front.offer(sourceOf([Buffer.alloc(400_000, 1)])), undefined);
    expect(await flow.read(100_000)).toEqual(Buffer.alloc(100_000, 1));
    first.cell.close();
    first.front.close();
    using second = new Line({ writer, reader: new BodyReader(file) });
    const other = second.cell.accept(second.front.offer(sourceOf([Buffer.alloc(400_000, 2)])), undefined);
    expect(await other.read(100_000)).toEqual(Buffer.alloc(100_000, 2));
    await expect(flow.read()).rejects.toThrow('the invocation is over');
    expect(fstatSync(file).size).toBeLessThanOrEqual(regionBytes);
    writer.close();
    closeSync(file);
  });

  test('cannot be said to have more than was asked for, nor another region', async () => {
    using line = Line.withFile();
    const filled = (region: number, bytes: number) =>
      frame((writer) => writer.begin(toCell.flowFilled, 0).count(1).count(region).count(bytes).end());
    const flow = line.cell.accept(1, undefined);
    const read = flow.read();
    expect(() => line.cell.receive(toCell, filled(0, flowWindowBytes + 1))).toThrow(MalformedFrame);
    line.cell.receive(toCell, filled(0, 10));
    expect(() => line.cell.receive(toCell, filled(1, 10))).toThrow(MalformedFrame);
    await expect(read).rejects.toThrow('a region without the bytes');
  });

  test('that does not have what it is said to have breaks the body off', async () => {
    using line = Line.withFile();
    const flow = line.cell.accept(1, undefined);
    const read = flow.read();
    line.cell.receive(
      toCell,
      frame((writer) => writer.begin(toCell.flowFilled, 0).count(1).count(0).count(10).end()),
    );
    await expect(read).rejects.toThrow('a region without the bytes');
  });

  test('cannot be written by who reads it', () => {
    const { writer, file } = openFile();
    expect(new BodyWriter(file).write(0, 0, Buffer.alloc(10))).toBe(false);
    writer.close();
    expect(writer.write(0, 0, Buffer.alloc(10))).toBe(false);
    expect(writer.take()).toBeUndefined();
    closeSync(file);
  });

  test('for which there is no memory leaves bodies to the frames', async () => {
    const full = openSync('/dev/full', 'r+');
    using line = new Line({ writer: new BodyWriter(full), reader: new BodyReader(full) });
    const pieces = manyPieces();
    const back = await readAll(line.cell.accept(line.front.offer(sourceOf(pieces)), undefined));
    expect(back.equals(Buffer.concat(pieces))).toBe(true);
    closeSync(full);
  });
});
