// Answers with what it was sent, as JSON. TypeScript needs no set-up.
//   curl localhost:8080/echo?x=1 -d '{"name":"Ada"}' -H 'content-type: application/json'
interface Echo {
  method: string;
  path: string;
  query: Record<string, string>;
  body: unknown;
}

export async function POST(request: Request): Promise<Response> {
  const url = new URL(request.url);
  const echo: Echo = {
    method: request.method,
    path: url.pathname,
    query: Object.fromEntries(url.searchParams),
    body: await request.json().catch(() => null),
  };
  return Response.json(echo);
}

export function GET(request: Request): Response {
  return Response.json({ method: 'GET', query: Object.fromEntries(new URL(request.url).searchParams) });
}
