/** The workload as a function of the Kubeless dialect. */
import { answer } from 'workload';
import type { Response } from 'express';

interface Event {
  readonly data: unknown;
  readonly extensions: { readonly request: { readonly headers: Record<string, string> }; readonly response: Response };
}

export async function handler(event: Event): Promise<string | undefined> {
  const answered = await answer({
    data: READS_BODY ? event.data : undefined,
    authorization: READS_HEADERS ? (event.extensions.request.headers['authorization'] ?? '') : '',
  });
  if (!STREAMS) return answered as string;
  const { response } = event.extensions;
  for (const piece of answered as Iterable<Uint8Array>) {
    if (!response.write(piece)) await new Promise((resolve) => response.once('drain', resolve));
  }
  response.end();
  return undefined;
}
