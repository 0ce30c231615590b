/** Before anything is measured: every contestant has to answer the same bytes. */
import type { ServerProcess } from '../server-process.ts';
import type { Workload } from '../workloads.ts';

const patienceMs = 60_000;

/** A contestant that does not do a workload as the others do. */
export class WrongAnswerError extends Error {
  override readonly name = 'WrongAnswerError';
}

/** @throws WrongAnswerError */
export async function checkAnswer(
  { origin, output }: ServerProcess,
  { method, headers, body }: Workload,
  path: string,
  expected: Uint8Array,
): Promise<void> {
  const signal = AbortSignal.timeout(patienceMs);
  const response = await fetch(`${origin}${path}`, { method, headers, body: body ?? null, signal });
  const bytes = Buffer.from(await response.arrayBuffer());
  if (response.status !== 200) {
    const said = `${bytes.subarray(0, 300).toString()} ${output().slice(-300)}`.trim().replaceAll('\n', ' ');
    throw new WrongAnswerError(`it answers ${response.status}: ${said}`);
  }
  if (!bytes.equals(expected))
    throw new WrongAnswerError(`it answers other bytes: ${bytes.subarray(0, 100).toString()}`);
}
