/** Sends one request and tells what came back of it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type ReadBody, readSome } from './read-some.ts';

export type Reply =
  | {
      readonly kind: 'reply';
      readonly status: number;
      readonly outcome: string;
      readonly id: string;
      readonly retryAfterSeconds: number;
      readonly body: ReadBody;
      readonly ms: number;
    }
  | { readonly kind: 'none'; readonly reason: string };

export interface Sent {
  readonly method?: string;
  readonly bodyBytes?: number;
}

/** Far more than the limits of any case. */
export const patienceMs = 20_000;
const pieceBytes = 65_536;
const maxTries = 6;
const maxPauseMs = 5_000;
/** Answers that say nothing of the function: it was not its turn, or another took down its cell. */
const passing = ['overloaded', 'throttled', 'cellLost'];

/** Never rejects. */
export async function send(url: string, { method = 'GET', bodyBytes = 0 }: Sent = {}): Promise<Reply> {
  const startedAt = performance.now();
  const signal = AbortSignal.timeout(patienceMs);
  try {
    const response = await fetch(url, {
      method,
      redirect: 'manual',
      signal,
      ...bodyOf(bodyBytes),
    });
    const body = await readSome(response.body);
    if (signal.aborted) return { kind: 'none', reason: `the answer did not end within ${patienceMs / 1_000} s` };
    return {
      kind: 'reply',
      status: response.status,
      outcome: response.headers.get('x-isohost-outcome') ?? '',
      id: response.headers.get('x-isohost-id') ?? '',
      retryAfterSeconds: Number(response.headers.get('retry-after') ?? 0),
      body,
      ms: performance.now() - startedAt,
    };
  } catch (error) {
    if (signal.aborted) return { kind: 'none', reason: `no answer within ${patienceMs / 1_000} s` };
    const { cause, message } = error as Error & { cause?: { code?: string; message?: string } };
    return { kind: 'none', reason: `no answer: ${cause?.code ?? cause?.message ?? message}` };
  }
}

/** In pieces, a long body is refused when it is too long, and not while this client is still sending most of it. */
function bodyOf(bytes: number): RequestInit {
  if (bytes === 0) return {};
  if (bytes <= pieceBytes) return { body: Buffer.alloc(bytes, 'x') };
  let left = bytes;
  const body = new ReadableStream({
    pull(controller) {
      const size = Math.min(left, pieceBytes);
      controller.enqueue(new Uint8Array(size).fill(120));
      left -= size;
      if (left === 0) controller.close();
    },
  });
  return { body, duplex: 'half' };
}

/** The same; comes back for as long as the host asks to. */
export async function sendUntilServed(url: string, sent: Sent): Promise<Reply> {
  for (let tries = 1; ; tries += 1) {
    const reply = await send(url, sent);
    if (reply.kind === 'none' || !passing.includes(reply.outcome) || tries === maxTries) return reply;
    await sleep(Math.min(maxPauseMs, Math.max(200, reply.retryAfterSeconds * 1_000)));
  }
}
