/** The workload as an HTTP function of the Functions Framework. */
import { answer } from 'workload';
import type { Request, Response } from 'express';

export async function handler(request: Request, response: Response): Promise<void> {
  const answered = await answer({ data: request.body, authorization: request.headers.authorization ?? '' });
  if (typeof answered === 'string') {
    response.send(answered);
    return;
  }
  for (const piece of answered) {
    if (!response.write(piece)) await new Promise((resolve) => response.once('drain', resolve));
  }
  response.end();
}
