// JSX, rendered on the server by Hono.
//   open http://localhost:8080/page?name=Ada
import { html } from 'hono/html';

function Greeting({ name }: { name: string }) {
  return (
    <main style="font: 20px/1.5 system-ui; max-width: 30rem; margin: 20vh auto">
      <h1>Hello {name}</h1>
      <p>This page was rendered in an isolate that has ended by now.</p>
    </main>
  );
}

export default (request: Request) => {
  const name = new URL(request.url).searchParams.get('name') ?? 'you';
  const page = html`<!doctype html>${<Greeting name={name} />}`;
  return new Response(String(page), { headers: { 'content-type': 'text/html; charset=utf-8' } });
};
