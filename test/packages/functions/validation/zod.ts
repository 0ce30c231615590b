import { z } from 'zod';

const Order = z
  .object({
    id: z.uuid(),
    email: z.email(),
    items: z.array(z.object({ sku: z.string().min(3), count: z.coerce.number().int().positive() })).nonempty(),
    at: z.iso.datetime().transform((text) => new Date(text).getTime()),
    kind: z.discriminatedUnion('type', [
      z.object({ type: z.literal('gift'), note: z.string() }),
      z.object({ type: z.literal('plain') }),
    ]),
  })
  .refine(({ items }) => items.length < 3, 'too many items');

export default async function (request: Request) {
  const good = Order.parse(await request.json());
  const bad = Order.safeParse({ id: 'x', email: 'nobody', items: [], at: 'now', kind: { type: 'odd' } });
  return Response.json({
    good,
    bad: bad.error?.issues.map(({ path, code }) => `${path.join('.')}: ${code}`),
    schema: z.toJSONSchema(z.object({ name: z.string().max(5).optional() })),
  });
}
