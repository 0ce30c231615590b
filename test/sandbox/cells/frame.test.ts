import { describe, expect, test } from 'vitest';
import {
  type FrameReader,
  FrameSplitter,
  FrameWriter,
  MalformedFrame,
  maxFrameBytes,
} from '../../../sandbox/cells/frame.ts';

function written(write: (frame: FrameWriter) => void): Buffer {
  const writer = new FrameWriter();
  write(writer);
  return Buffer.concat(writer.take());
}

const sample = (): Buffer =>
  written((frame) => {
    frame
      .begin(3, 70_000)
      .count(4_294_967_295)
      .double(-0.5)
      .text('f\u00fcr \u{1f600}\0')
      .bytes(Buffer.from([1, 2, 3]))
      .end();
    frame.begin(4, 0).text('').end();
    frame.begin(5, 1).bytes(Buffer.alloc(100_000, 7)).end();
    // Long bytes leave from where they are; what is written around them has to fit, where the buffer grows meanwhile, too.
    const [long, text] = [Buffer.alloc(30_000, 8), 'x'.repeat(20_000)];
    frame.begin(6, 2).text(text).bytes(long).count(7).bytes(long).text(text).end();
    frame.begin(7, 3).bytes(Buffer.alloc(2_000_000, 9)).count(8).end();
    frame.begin(8, 4).end();
  });

function split(pieces: readonly Buffer[]): FrameReader[] {
  const frames: FrameReader[] = [];
  const splitter = new FrameSplitter((frame) => frames.push(frame));
  for (const piece of pieces) splitter.push(piece);
  return frames;
}

describe('frames', () => {
  test.each([1, 3, 5, 9, 64, 1_000, 200_000])('come back whole when they arrive in pieces of %i bytes', (size) => {
    const data = sample();
    const pieces = [];
    for (let at = 0; at < data.length; at += size) pieces.push(data.subarray(at, at + size));
    const [first, second, third, fourth, fifth, sixth, ...rest] = split(pieces);
    expect([first!.kind, first!.number, first!.count(), first!.double(), first!.text(), [...first!.bytes()]]).toEqual([
      3,
      70_000,
      4_294_967_295,
      -0.5,
      'f\u00fcr \u{1f600}\0',
      [1, 2, 3],
    ]);
    expect(first!.isAtEnd).toBe(true);
    expect([second!.kind, second!.text()]).toEqual([4, '']);
    expect(third!.bytes().equals(Buffer.alloc(100_000, 7))).toBe(true);
    const text = 'x'.repeat(20_000);
    const long = Buffer.alloc(30_000, 8);
    expect(fourth!.text() === text && fourth!.bytes().equals(long)).toBe(true);
    expect(fourth!.count()).toBe(7);
    expect(long.equals(fourth!.keptBytes()) && fourth!.text() === text && fourth!.isAtEnd).toBe(true);
    expect(fifth!.bytes().equals(Buffer.alloc(2_000_000, 9))).toBe(true);
    expect([fifth!.count(), fifth!.isAtEnd]).toEqual([8, true]);
    expect([sixth!.number, sixth!.isAtEnd]).toEqual([4, true]);
    expect(rest).toEqual([]);
  });

  test('are kept apart from what they came with', () => {
    const slab = written((frame) => {
      frame.begin(1, 1).bytes(Buffer.alloc(1_000, 1)).end();
      frame.begin(1, 2).bytes(Buffer.alloc(60_000, 2)).end();
    });
    const kept = split([slab]).map((frame) => frame.keptBytes());
    expect(kept.map(({ buffer }) => buffer.byteLength)).toEqual([1_000, 60_000]);
    slab.fill(0);
    expect(kept.map((bytes, index) => bytes.every((byte) => byte === index + 1))).toEqual([true, true]);
  });

  test('are kept as they were put together, unless there is more beside them', () => {
    const whole = written((frame) => {
      frame.begin(1, 1).bytes(Buffer.alloc(60_000, 1)).end();
      frame.begin(1, 2).bytes(Buffer.alloc(1_000, 2)).text('x'.repeat(9_000)).end();
    });
    const [large, small] = split([whole.subarray(0, 50_000), whole.subarray(50_000, 61_000), whole.subarray(61_000)]);
    const kept = large!.keptBytes();
    expect(kept.every((byte) => byte === 1)).toBe(true);
    // A view, and not a copy.
    expect(kept.byteOffset).toBeGreaterThan(0);
    expect(small!.keptBytes().buffer.byteLength).toBe(1_000);
  });

  test('tell when bytes that were given to them have left', () => {
    const writer = new FrameWriter();
    const sent: string[] = [];
    writer
      .begin(1, 1)
      .bytes(Buffer.alloc(60_000), () => sent.push('long'))
      .end();
    writer
      .begin(1, 2)
      .bytes(Buffer.alloc(10), () => sent.push('short'))
      .end();
    writer.begin(1, 3).bytes(Buffer.alloc(10)).end();
    expect([writer.takeListeners(), writer.takeListeners()].map(({ length }) => length)).toEqual([2, 0]);
  });

  test('that were taken are not written over by those that follow', () => {
    const writer = new FrameWriter();
    const taken = [];
    for (let index = 0; index < 100; index += 1) {
      writer
        .begin(1, index)
        .text('x'.repeat(index * 50))
        .end();
      taken.push(Buffer.concat(writer.take()));
    }
    const frames = split(taken);
    expect(frames.map((frame) => [frame.number, frame.text().length])).toEqual(
      Array.from({ length: 100 }, (_, index) => [index, index * 50]),
    );
  });

  test.each([
    ['a field longer than its frame', (data: Buffer) => data.writeUInt32LE(1_000, 13)],
    ['a field that is missing', (data: Buffer) => data.writeUInt32LE(9, 0)],
  ])('with %s are refused', (_, spoil) => {
    const data = written((frame) => frame.begin(1, 1).count(0).text('hello').end());
    spoil(data);
    const [frame] = split([data.subarray(0, 4 + data.readUInt32LE(0))]);
    expect(() => [frame!.count(), frame!.text()]).toThrow(MalformedFrame);
  });

  test('of an absurd length are refused at once', () => {
    const data = Buffer.alloc(4);
    data.writeUInt32LE(maxFrameBytes + 1);
    expect(() => split([data])).toThrow(MalformedFrame);
  });

  test('shorter than their header are refused', () => {
    expect(() => split([Buffer.from([2, 0, 0, 0, 1, 1])])).toThrow(MalformedFrame);
  });
});
