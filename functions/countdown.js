// A streamed response: one line every 100 ms.
//   curl -N localhost:8080/countdown
export default function countdown(request) {
  const from = Number(new URL(request.url).searchParams.get('from') ?? 5);
  const encoder = new TextEncoder();
  const stream = new ReadableStream({
    async start(controller) {
      for (let count = from; count > 0; count -= 1) {
        controller.enqueue(encoder.encode(`${count}\n`));
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      controller.enqueue(encoder.encode('Lift-off\n'));
      controller.close();
    },
  });
  return new Response(stream, { headers: { 'content-type': 'text/plain' } });
}
