/** The workload as a function of the Kubeless dialect. */
import { answer } from 'workload';
import type { Response } from 'express';

interface Event {
  readonly data: unknown;
  readonly extensions: { readonly request: { readonly headers: Record<string, string> }; readonly response: Response };
}

export async function handler({ data, extensions: { request, response } }: Event): Promise<string | undefined> {
  const answered = await answer({ data, authorization: request.headers['authorization'] ?? '' });
  if (typeof answered === 'string') return answered;
  for (const piece of answered) {
    if (!response.write(piece)) await new Promise((resolve) => response.once('drain', resolve));
  }
  response.end();
  return undefined;
}
