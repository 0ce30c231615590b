/** The workload as a function of the web dialect. */
import { answer } from 'workload';

export default {
  async fetch(request: Request): Promise<Response> {
    const answered = await answer({
      data: request.method === 'POST' ? await request.json() : undefined,
      authorization: request.headers.get('authorization') ?? '',
    });
    if (typeof answered === 'string') return new Response(answered);
    const pieces = answered[Symbol.iterator]();
    return new Response(
      new ReadableStream({
        pull(controller) {
          const { done, value } = pieces.next();
          if (done === true) controller.close();
          else controller.enqueue(value);
        },
      }),
    );
  },
};
