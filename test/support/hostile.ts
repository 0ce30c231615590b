/** Runs cases of the corpus and tells how they ended. */
import type { HostileCase } from '../hostile/index.ts';
import { hostileLimits } from '../hostile/index.ts';
import { functionOf, type TestSandbox } from './sandbox.ts';

export interface HostileResult {
  readonly outcome: string;
  readonly text: string;
}

/** Of a body without end, this much is read. */
const maxReadBytes = 3_000_000;
let serial = 0;

/** The case as a function of its own: its strikes are nobody else's. */
export function hostileFunction({ code, trust, memoryMiB }: HostileCase) {
  serial += 1;
  return functionOf(code, { ...hostileLimits, memoryMiB }, { key: `hostile/f${serial}`, hash: String(serial), trust });
}

export async function runHostileCase(sandbox: TestSandbox, hostile: HostileCase): Promise<HostileResult[]> {
  const fn = hostileFunction(hostile);
  const results: HostileResult[] = [];
  for (let call = 0; call < hostile.calls; call += 1) {
    const handle = sandbox.invoke({
      id: 'hostile',
      function: fn,
      request: {
        method: hostile.method,
        url: 'http://localhost/f',
        headers: ['host', 'localhost'],
        body: hostile.bodyBytes === 0 ? null : Buffer.alloc(hostile.bodyBytes, 'x'),
        remoteAddress: '127.0.0.1',
      },
      onLog() {},
    });
    const answer = await handle.answer;
    const text = answer.kind === 'response' ? await readSome(answer.response.body) : '';
    results.push({ outcome: (await handle.ended).outcome.kind, text });
  }
  return results;
}

async function readSome(body: string | Uint8Array | ReadableStream<Uint8Array>): Promise<string> {
  if (typeof body === 'string') return body;
  if (body instanceof Uint8Array) return Buffer.from(body).toString();
  const reader = body.getReader();
  let text = '';
  let bytes = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return text;
      bytes += value.length;
      if (text.length < 1_000) text += Buffer.from(value).toString();
      if (bytes < maxReadBytes) continue;
      await reader.cancel();
      return text;
    }
  } catch {
    // Cut off: the outcome says why.
    return text;
  }
}
