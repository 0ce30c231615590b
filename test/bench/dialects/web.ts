/** The workload as a function of the web dialect. */
import { answer } from 'workload';

export default {
  async fetch(request: Request): Promise<Response> {
    const answered = await answer({
      data: READS_BODY ? await request.json() : undefined,
      authorization: READS_HEADERS ? (request.headers.get('authorization') ?? '') : '',
    });
    return new Response(STREAMS ? streamOf(answered as Iterable<Uint8Array>) : (answered as string));
  },
};

function streamOf(iterable: Iterable<Uint8Array>): ReadableStream<Uint8Array> {
  const pieces = iterable[Symbol.iterator]();
  return new ReadableStream({
    pull(controller) {
      const { done, value } = pieces.next();
      if (done === true) controller.close();
      else controller.enqueue(value);
    },
  });
}
