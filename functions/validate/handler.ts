// Uses a package from npm (zod), bundled when the function is deployed.
//   curl localhost:8080/validate -d '{"email":"ada@example.org","age":36}'
import * as z from 'zod/mini';

const Person = z.object({
  email: z.string().check(z.regex(/^[^\s@]+@[^\s@]+$/)),
  age: z.number().check(z.gte(0)),
});

export async function POST(request: Request): Promise<Response> {
  const result = Person.safeParse(await request.json());
  return result.success
    ? Response.json({ person: result.data })
    : Response.json(
        { problems: result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`) },
        { status: 422 },
      );
}
