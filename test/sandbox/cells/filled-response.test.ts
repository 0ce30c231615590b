import { randomBytes } from 'node:crypto';
import { closeSync, existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { BodyWriter, openBodyFiles } from '../../../sandbox/cells/body-file.ts';
import { FilledResponse, ResponseFilling } from '../../../sandbox/cells/filled-response.ts';
import { FrameReader, FrameWriter, MalformedFrame } from '../../../sandbox/cells/frame.ts';
import { memoryFolder } from '../../../sandbox/cells/nameless-file.ts';
import { flowWindowBytes, toCell, toFront } from '../../../sandbox/cells/protocol.ts';

/** Both sides of responses, and what one says to the other. */
function open() {
  const { writer, reader, toRead, toWrite } = openBodyFiles()!;
  writer.close();
  closeSync(toRead);
  const cell = new BodyWriter(toWrite);
  const frames = new FrameWriter();
  const begin = (kind: number): FrameWriter => frames.begin(kind, 0);
  const next = (): FrameReader => new FrameReader(Buffer.concat(frames.take()).subarray(4));
  return {
    reader,
    frames,
    filling: () => new ResponseFilling(cell, begin),
    filled: () => new FilledResponse(reader, begin),
    /** Takes what was filled last. */
    take(response: FilledResponse, isWanted = true): Uint8Array | undefined {
      const frame = next();
      expect(frame.kind).toBe(toFront.responseFilled);
      return response.take(frame.count(), frame.count(), isWanted);
    },
    /** The region of which all was read. */
    read(): number {
      const frame = next();
      expect(frame.kind).toBe(toCell.regionRead);
      const region = frame.count();
      cell.give(region);
      return region;
    },
    [Symbol.dispose]() {
      cell.close();
      reader.close();
    },
  };
}

describe.skipIf(!existsSync(memoryFolder))('a response that crosses in a file', () => {
  test('comes whole, though it is longer than its region', () => {
    using line = open();
    const [sent, got] = [line.filling(), line.filled()];
    for (const size of [100_000, 200_000, 262_144, 16_384, 300_001]) {
      const bytes = randomBytes(size);
      expect(sent.send(bytes)).toBe(true);
      expect(Buffer.compare(line.take(got)!, bytes)).toBe(0);
    }
    expect(line.reader.heldBytes).toBe(flowWindowBytes);
  });

  test('leaves small pieces, and what there is no region for, to frames', () => {
    using line = open();
    expect(line.filling().send(Buffer.alloc(16_383))).toBe(false);
    for (let region = 0; region < 8; region += 1) {
      expect(line.filling().send(Buffer.alloc(20_000))).toBe(true);
      line.frames.take();
    }
    expect(line.filling().send(Buffer.alloc(20_000))).toBe(false);
  });

  test('gives its region to the next when the front has read all of it', () => {
    using line = open();
    for (let response = 0; response < 20; response += 1) {
      const [sent, got] = [line.filling(), line.filled()];
      sent.send(Buffer.alloc(400_000, response));
      expect(Buffer.compare(line.take(got)!, Buffer.alloc(400_000, response))).toBe(0);
      got.close();
      expect(line.read()).toBe(0);
    }
  });

  test('that nobody wants any more is not read, and what follows it is', () => {
    using line = open();
    const [sent, got] = [line.filling(), line.filled()];
    sent.send(Buffer.alloc(100_000, 1));
    expect(line.take(got, false)).toBeUndefined();
    sent.send(Buffer.alloc(100_000, 2));
    expect(Buffer.compare(line.take(got)!, Buffer.alloc(100_000, 2))).toBe(0);
  });

  test('is none when a cell says what cannot be', () => {
    using line = open();
    line.filling().send(Buffer.alloc(100_000));
    const wrong: [region: number, bytes: number][] = [
      [0, 100_001],
      [0, flowWindowBytes + 1],
      [0, 2 ** 32 - 1],
      [1, 1],
      [8, 1],
      [2 ** 32 - 1, 1],
    ];
    for (const [region, bytes] of wrong) {
      expect(() => line.filled().take(region, bytes, true)).toThrow(MalformedFrame);
    }
    const other = line.filled();
    other.take(0, 1, true);
    expect(() => other.take(1, 1, true)).toThrow(MalformedFrame);
    expect(() => new FilledResponse(undefined, () => new FrameWriter()).take(0, 1, true)).toThrow(MalformedFrame);
  });

  test('takes memory that is counted', () => {
    using line = open();
    expect(line.reader.heldBytes).toBe(0);
    line.filling().send(Buffer.alloc(100_000));
    expect(line.reader.heldBytes).toBeGreaterThanOrEqual(100_000);
  });
});
