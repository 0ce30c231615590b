/** The same as hono.ts, by Deno's own server. Runs in Deno. */
const [port, list] = Deno.args;
const functions = new Map();
for (const { name, file } of JSON.parse(Deno.readTextFileSync(list))) {
  const { default: fn } = await import(`file://${file}`);
  functions.set(`/${name}`, fn);
}
Deno.serve({ hostname: '127.0.0.1', port: Number(port), onListen() {} }, (request) =>
  functions.get(new URL(request.url).pathname).fetch(request),
);
