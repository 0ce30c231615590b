/** Who calls what: good functions, hostile ones, and clients that misbehave. */
import { setTimeout as sleep } from 'node:timers/promises';
import { outcomeStatus } from '../../src/status.ts';
import { type HostileCase, hostileCases, hostileLimits } from '../hostile/index.ts';
import { type Call, createClient, type Reply, sendRaw } from './client.ts';
import { askHealth } from './health.ts';
import type { Latencies, Tally } from './tally.ts';

export interface Soak {
  readonly origin: string;
  readonly random: () => number;
  readonly tally: Tally;
  readonly health: Latencies;
  /** Lanes end when it is. */
  readonly over: AbortSignal;
}

interface GoodFunction {
  readonly code: string;
  readonly call: (random: () => number) => { readonly call: Call; readonly text: string };
}

const streamChunk = 'x'.repeat(16_384);
const streamChunks = 32;

const plain = (text: string): GoodFunction['call'] => {
  return () => ({ call: {}, text });
};

const echo: GoodFunction['call'] = (random) => {
  const text = `${random()}`.repeat(1 + Math.floor(random() * 5_000));
  return { call: { method: 'POST', body: Buffer.from(text) }, text };
};

/** Their answers are known. */
const goodFunctions: Readonly<Record<string, GoodFunction>> = {
  hello: { code: 'export default () => new Response("hello")', call: plain('hello') },
  counter: { code: 'let n = 0; export default () => new Response(String(++n))', call: plain('1') },
  echo: { code: 'export default async (request) => new Response(await request.text())', call: echo },
  wait: {
    code: 'export default async () => { await new Promise((r) => setTimeout(r, 20)); return new Response("waited") }',
    call: plain('waited'),
  },
  work: {
    code: 'export default () => { let n = 0; for (let i = 0; i < 1e6; i += 1) n += i; return new Response(String(n)) }',
    call: plain('499999500000'),
  },
  stream: {
    code: `export default () => { let n = 0; return new Response(new ReadableStream({ pull(c) {
      if (n++ < ${streamChunks}) c.enqueue(new TextEncoder().encode('x'.repeat(${streamChunk.length}))); else c.close() } })) }`,
    call: plain(streamChunk.repeat(streamChunks)),
  },
};

const malformed: readonly string[] = [
  'nonsense\r\n\r\n',
  '\0\0\0\0\r\n\r\n',
  'GET / HTTP/9.9\r\n\r\n',
  'GET /good/hello HTTP/1.1\r\nhost: x\r\ncontent-length: nonsense\r\n\r\n',
  'POST /good/echo HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
  'POST /good/echo HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n',
  'POST /good/echo HTTP/1.1\r\nhost: x\r\ncontent-length: 500\r\n\r\nshort',
  `GET /good/hello HTTP/1.1\r\nhost: x\r\nx: ${'x'.repeat(100_000)}\r\n\r\n`,
  'GET /good/hello HTTP/1.1\r\nhost: x\r\nx y: 1\r\n\r\n',
  'GET /good/hello HTTP/1.1\r\n\r\n',
  'GET http://[::1 HTTP/1.1\r\nhost: x\r\n\r\n',
  'GET /%ff%fe%00 HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n',
  'GET /good/hello HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\nGET /good/hello HTTP/1.1\r\n\r\n',
  'CONNECT x:80 HTTP/1.1\r\nhost: x\r\n\r\n',
  'GET /good/hello HTTP/1.1\r\nhost: x\r\nupgrade: websocket\r\nconnection: upgrade, close\r\n\r\n',
  'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  '',
];

/** The corpus by names that functions may have. */
const hostileFunctions = new Map<string, HostileCase>(
  hostileCases.map((hostile, index) => [`h${index}`, hostile] as const),
);

/** Files and configuration of the server under load. */
export function soakFiles(): Record<string, string> {
  const files: Record<string, string> = {};
  for (const [name, { code }] of Object.entries(goodFunctions)) files[`functions/good/${name}.js`] = code;
  const functions: Record<string, object> = {};
  for (const [name, { code, memoryMiB, trust }] of hostileFunctions) {
    files[`functions/hostile/${name}.cjs`] = code;
    functions[name] = { memoryMiB, isolation: { trust } };
  }
  const tenants = { good: {}, hostile: { ...hostileLimits, functions } };
  files['isohost.config.json'] = JSON.stringify({ isolation: { trust: 'trusted' }, tenants });
  return files;
}

export const lanes: Readonly<Record<string, (soak: Soak) => Promise<void>>> = {
  good: goodLane({}),
  'good 2': goodLane({}),
  'good 3': goodLane({}),
  'good 4': goodLane({}),
  'slow reader': goodLane({ readPauseMs: 5 }),
  'slow sender': goodLane({ sendPauseMs: 50 }),
  hasty: async ({ origin, random, over }) => {
    const { call, close } = createClient(origin);
    while (!over.aborted) {
      const [name, fn] = pick(random, Object.entries(goodFunctions));
      await call(`/good/${name}`, { ...fn.call(random).call, abortAfterMs: random() * 30 });
    }
    close();
  },
  hostile: hostileLane,
  'hostile 2': hostileLane,
  'hostile 3': hostileLane,
  malformed: async ({ origin, random, tally, over }) => {
    while (!over.aborted) {
      const bytes = pick(random, malformed);
      const answer = await sendRaw(origin, bytes);
      const isFine = answer === '' || /^HTTP\/1\.1 (?:[45]\d\d|200) /.test(answer ?? '');
      const fate = answer === undefined ? 'lost' : isFine ? 'answered' : 'wrong';
      tally.count('malformed', fate, `${JSON.stringify(bytes).slice(0, 100)}: ${answer?.slice(0, 200)}`);
      await sleep(20);
    }
  },
  health: async ({ origin, tally, health, over }) => {
    const { latencies, failures } = await askHealth(origin, over);
    for (const latency of latencies) health.add(latency);
    for (let count = failures.length; count < latencies.length; count += 1) tally.count('healthz', 'answered');
    for (const failure of failures) tally.count('healthz', 'wrong', failure);
  },
};

function goodLane(manner: Call): (soak: Soak) => Promise<void> {
  return async ({ origin, random, tally, over }) => {
    const { call, close } = createClient(origin);
    while (!over.aborted) {
      const [name, fn] = pick(random, Object.entries(goodFunctions));
      const { call: request, text } = fn.call(random);
      const reply = await call(`/good/${name}`, { ...request, ...manner });
      countReply(tally, name, reply, (status, answer) => status === 200 && answer === text);
    }
    close();
  };
}

async function hostileLane({ origin, random, tally, over }: Soak): Promise<void> {
  const { call, close } = createClient(origin);
  while (!over.aborted) {
    const [name, { outcomes, method, bodyBytes, name: title }] = pick(random, [...hostileFunctions]);
    const body = bodyBytes === 0 ? undefined : Buffer.alloc(bodyBytes, 'x');
    // Some answer without end.
    const reply = await call(`/hostile/${name}`, { method, ...(body !== undefined && { body }), abortAfterMs: 20_000 });
    const isCut = reply.kind === 'cut' || reply.kind === 'aborted';
    if (isCut) tally.count('hostile', 'cut');
    else {
      countReply(
        tally,
        'hostile',
        reply,
        (status, _, outcome) => {
          const isListed = (outcomes as readonly string[]).includes(outcome) || outcome === 'suspended';
          return isListed && (outcome === 'ok' || status === outcomeStatus[outcome as 'exception'].status);
        },
        title,
      );
    }
  }
  close();
}

function countReply(
  tally: Tally,
  kind: string,
  reply: Reply,
  isRight: (status: number, text: string, outcome: string) => boolean,
  title = kind,
): void {
  if (reply.kind === 'none') tally.count(kind, 'lost', `${title}: ${reply.reason}`);
  else if (reply.kind === 'cut') tally.count(kind, 'cut');
  else if (reply.kind === 'reply') {
    const { status, outcome, text } = reply;
    if (isRight(status, text, outcome)) tally.count(kind, 'answered');
    else if (status === 503 && outcome !== '') tally.count(kind, 'busy');
    else tally.count(kind, 'wrong', `${title}: ${status} ${outcome} ${text.slice(0, 200)}`);
  }
}

function pick<T>(random: () => number, list: readonly T[]): T {
  return list[Math.floor(random() * list.length)]!;
}
