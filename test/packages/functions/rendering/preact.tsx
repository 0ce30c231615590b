/** @jsxImportSource preact */
import { createContext } from 'preact';
import { useContext, useState } from 'preact/hooks';
import { renderToString, renderToStringAsync } from 'preact-render-to-string';
import { lazy, Suspense } from 'preact/compat';

const User = createContext('nobody');

function Hello() {
  const [mark] = useState('!');
  return (
    <h1 class="hello">
      Hello {useContext(User)}
      {mark} {'<&>'}
    </h1>
  );
}
const Late = lazy(async () => ({ default: () => <b>late</b> }));

export default async function () {
  return Response.json({
    now: renderToString(
      <User.Provider value="Ada">
        <Hello />
      </User.Provider>,
    ),
    late: await renderToStringAsync(
      <Suspense fallback="wait">
        <Late />
      </Suspense>,
    ),
  });
}
