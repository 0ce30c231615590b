import { createContext, Suspense, use, useContext, useId, useMemo, useState } from 'react';
import { renderToReadableStream, renderToStaticMarkup, renderToString } from 'react-dom/server';

const Theme = createContext('light');

function Counter({ from }: { from: number }) {
  const [count] = useState(from);
  const squared = useMemo(() => count * count, [count]);
  const id = useId();
  return (
    <p className={useContext(Theme)} id={id} style={{ marginTop: 4 }}>
      {count} squared is {squared} {'<&>'}
    </p>
  );
}

function Late({ text }: { text: Promise<string> }) {
  return <b>{use(text)}</b>;
}

export default async function (request: Request) {
  if (request.url.endsWith('/stream')) {
    const text = new Promise<string>((resolve) => setTimeout(() => resolve('here at last'), 5));
    const stream = await renderToReadableStream(
      <main>
        <Suspense fallback={<i>wait</i>}>
          <Late text={text} />
        </Suspense>
      </main>,
    );
    return new Response(stream, { headers: { 'content-type': 'text/html' } });
  }
  const page = (
    <Theme value="dark">
      <Counter from={7} />
    </Theme>
  );
  return Response.json({ interactive: renderToString(page), still: renderToStaticMarkup(page) });
}
