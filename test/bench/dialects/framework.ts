/** The workload as an HTTP function of the Functions Framework. */
import { answer } from 'workload';
import type { Request, Response } from 'express';

export async function handler(request: Request, response: Response): Promise<void> {
  const answered = await answer({
    data: READS_BODY ? request.body : undefined,
    authorization: READS_HEADERS ? (request.headers.authorization ?? '') : '',
  });
  if (!STREAMS) {
    response.send(answered);
    return;
  }
  for (const piece of answered as Iterable<Uint8Array>) {
    if (!response.write(piece)) await new Promise((resolve) => response.once('drain', resolve));
  }
  response.end();
}
