/**
 * What a cell's messages cost to carry: round trips over the framed socket that cells use, and over the channel of `child_process.fork`,
 * with few and with many under way. Prints round trips per second and per millisecond of CPU time of both processes.
 *
 *     node test/bench/transport.ts --rounds 5
 */
import { fork, spawn } from 'node:child_process';
import { Socket } from 'node:net';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Channel } from '../../sandbox/cells/channel.ts';
import { median } from '../support/statistics.ts';

const messageText = JSON.stringify({
  method: 'GET',
  url: 'http://localhost/hello?name=Ada',
  headers: [['accept', '*/*']],
});
const kind = 1;
const self = fileURLToPath(import.meta.url);
const role = process.env['TRANSPORT_ROLE'];
const { values } = parseArgs({ options: { rounds: { type: 'string', default: '5' } } });
const roundTripsPerRound = 20_000;

/** One end sends a number and a text; the other sends them back. */
interface Line {
  send(number: number): void;
  onReply: (number: number) => void;
  cpuMs(): Promise<number>;
  close(): void;
}

if (role === 'socket') answerOverSocket();
else if (role === 'fork') answerOverFork();
else await compare();

function answerOverSocket(): void {
  const channel = new Channel(
    new Socket({ fd: 3 }),
    (frame) => {
      const { number } = frame;
      const text = frame.text();
      if (text === 'cpu') channel.begin(kind, number).text(String(ownCpuMs())).end();
      else channel.begin(kind, number).text(text).end();
    },
    () => process.exit(0),
  );
}

function answerOverFork(): void {
  process.on('message', ({ number, text }: { number: number; text: string }) => {
    process.send!({ number, text: text === 'cpu' ? String(ownCpuMs()) : text });
  });
}

async function compare(): Promise<void> {
  const lines = { socket: socketLine(), fork: forkLine() };
  for (const underWay of [1, 20, 200]) {
    const rates: Record<string, { perSecond: number[]; perCpuMs: number[] }> = {
      socket: { perSecond: [], perCpuMs: [] },
      fork: { perSecond: [], perCpuMs: [] },
    };
    for (let round = 0; round <= Number(values.rounds); round += 1) {
      for (const [name, line] of Object.entries(lines)) {
        const cpu = ownCpuMs() + (await line.cpuMs());
        const start = performance.now();
        await roundTrips(line, underWay);
        const seconds = (performance.now() - start) / 1_000;
        const cpuMs = ownCpuMs() + (await line.cpuMs()) - cpu;
        // The first round warms up.
        if (round === 0) continue;
        rates[name]!.perSecond.push(roundTripsPerRound / seconds);
        rates[name]!.perCpuMs.push(roundTripsPerRound / cpuMs);
      }
    }
    const [ours, theirs] = [rates['socket']!, rates['fork']!];
    const ratio = (median(ours.perCpuMs) / median(theirs.perCpuMs)).toFixed(2);
    process.stdout.write(
      `${String(underWay).padStart(3)} under way: framed socket ${describe(ours)}, fork ${describe(theirs)}; ${ratio} x per CPU time\n`,
    );
  }
  for (const line of Object.values(lines)) line.close();
}

function describe({ perSecond, perCpuMs }: { perSecond: number[]; perCpuMs: number[] }): string {
  return `${Math.round(median(perSecond)).toLocaleString('en')}/s, ${median(perCpuMs).toFixed(1)} per CPU ms`;
}

async function roundTrips(line: Line, underWay: number): Promise<void> {
  await new Promise<void>((resolve) => {
    let sent = 0;
    let received = 0;
    line.onReply = () => {
      received += 1;
      if (sent < roundTripsPerRound) line.send((sent += 1));
      else if (received === roundTripsPerRound) resolve();
    };
    for (let first = 0; first < underWay; first += 1) line.send((sent += 1));
  });
}

function socketLine(): Line {
  const child = spawn(process.execPath, [self], {
    env: { ...process.env, TRANSPORT_ROLE: 'socket' },
    stdio: ['ignore', 'inherit', 'inherit', 'pipe'],
  });
  let onCpu: (text: string) => void = () => {};
  const line: Line = {
    send: (number) => channel.begin(kind, number).text(messageText).end(),
    onReply: () => {},
    cpuMs: () =>
      new Promise((resolve) => {
        onCpu = (text) => resolve(Number(text));
        channel.begin(kind, 0).text('cpu').end();
      }),
    close: () => channel.close(),
  };
  const channel = new Channel(
    child.stdio[3] as Socket,
    (frame) => {
      const { number } = frame;
      const text = frame.text();
      if (number === 0) onCpu(text);
      else line.onReply(number);
    },
    () => {},
  );
  return line;
}

function forkLine(): Line {
  const child = fork(self, { env: { ...process.env, TRANSPORT_ROLE: 'fork' } });
  let onCpu: (text: string) => void = () => {};
  const line: Line = {
    send: (number) => void child.send({ number, text: messageText }),
    onReply: () => {},
    cpuMs: () =>
      new Promise((resolve) => {
        onCpu = (text) => resolve(Number(text));
        child.send({ number: 0, text: 'cpu' });
      }),
    close: () => child.disconnect(),
  };
  child.on('message', ({ number, text }: { number: number; text: string }) => {
    if (number === 0) onCpu(text);
    else line.onReply(number);
  });
  return line;
}

function ownCpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}
