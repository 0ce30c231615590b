import { createTRPCClient, httpBatchLink } from '@trpc/client';
import { initTRPC, TRPCError } from '@trpc/server';
import { fetchRequestHandler } from '@trpc/server/adapters/fetch';
import { z } from 'zod';

const t = initTRPC.context<{ user: string | null }>().create();
const router = t.router({
  greet: t.procedure.input(z.object({ name: z.string() })).query(({ input }) => `Hello ${input.name}`),
  double: t.procedure.input(z.number()).mutation(({ input }) => input * 2),
  secret: t.procedure.query(({ ctx }) => {
    if (ctx.user === null) throw new TRPCError({ code: 'UNAUTHORIZED' });
    return `for ${ctx.user}`;
  }),
});

function serve(req: Request): Promise<Response> {
  return fetchRequestHandler({
    endpoint: '/trpc/api',
    req,
    router,
    createContext: () => ({ user: req.headers.get('x-user') }),
  });
}

export default async function (request: Request) {
  const url = new URL(request.url);
  if (url.pathname.startsWith('/trpc/api')) return serve(request);
  const client = createTRPCClient<typeof router>({
    links: [httpBatchLink({ url: `${url.origin}/trpc/api`, fetch: (input, init) => serve(new Request(input, init)) })],
  });
  const [greeting, doubled] = await Promise.all([client.greet.query({ name: 'Ada' }), client.double.mutate(21)]);
  const refused = await client.secret.query().catch((error) => error.data.code);
  return Response.json({ greeting, doubled, refused });
}
