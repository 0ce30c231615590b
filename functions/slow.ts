// Waits; a waiting function keeps nobody from running.
//   curl localhost:8080/slow?ms=500
export default async function slow(request: Request): Promise<Response> {
  const ms = Number(new URL(request.url).searchParams.get('ms') ?? 200);
  await new Promise((resolve) => setTimeout(resolve, ms));
  console.log('waited', ms, 'ms');
  return new Response(`waited ${ms} ms\n`);
}
