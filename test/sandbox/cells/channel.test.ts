import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import { Channel } from '../../../sandbox/cells/channel.ts';
import { temporaryFolder } from '../../support/files.ts';

interface Ends extends AsyncDisposable {
  readonly front: Channel;
  readonly cell: Channel;
  /** Kinds of the frames that came, one list for each time that something came. */
  readonly atCell: number[][];
  readonly atFront: number[];
}

async function connected(): Promise<Ends> {
  const folder = await temporaryFolder();
  const path = join(folder.path, 'channel');
  const server = createServer().listen(path);
  const accepted = once(server, 'connection') as Promise<[Socket]>;
  const client = connect(path);
  const [[socket]] = await Promise.all([accepted, once(client, 'connect')]);
  const atCell: number[][] = [];
  const atFront: number[] = [];
  socket.on('data', () => atCell.push([]));
  const cell = new Channel(
    socket,
    ({ kind }) => atCell.at(-1)!.push(kind),
    () => {},
  );
  const front = new Channel(
    client,
    ({ kind }) => atFront.push(kind),
    () => {},
  );
  return {
    front,
    cell,
    atCell,
    atFront,
    async [Symbol.asyncDispose]() {
      front.close();
      cell.close();
      server.close();
      await folder[Symbol.asyncDispose]();
    },
  };
}

test('all frames of a turn leave together, those that can wait among them', async () => {
  await using ends = await connected();
  ends.front.beginPatient(1, 0).end();
  ends.front.begin(2, 0).end();
  ends.front.beginPatient(3, 0).end();
  await expect.poll(() => ends.atCell).toEqual([[1, 2, 3]]);
});

test('what can wait leaves by itself after a moment', async () => {
  await using ends = await connected();
  ends.front.beginPatient(1, 0).end();
  await expect.poll(() => ends.atCell).toEqual([[1]]);
});

test('what can wait leaves when the other end says something', async () => {
  await using ends = await connected();
  vi.useFakeTimers({ toFake: ['setTimeout'] });
  try {
    ends.front.beginPatient(1, 0).end();
    ends.cell.begin(9, 0).end();
    // By now the moment would be over.
    for (let turn = 0; ends.atCell.length === 0 && turn < 10_000; turn += 1) await nextTurn();
    expect(ends.atCell).toEqual([[1]]);
    expect(ends.atFront).toEqual([9]);
  } finally {
    vi.useRealTimers();
  }
});

test('what waits is dropped with the channel', async () => {
  await using ends = await connected();
  ends.front.beginPatient(1, 0).end();
  ends.front.close();
  await sleep(10);
  expect(ends.atCell).toEqual([]);
});
