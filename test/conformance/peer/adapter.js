/** Runs the test of a file of workerd's that the path names; "/list" lists them. */
// oxlint-disable-next-line no-unassigned-import -- it is what it does that is wanted
import './setup.js';
import * as tests from './worker.js';
import bindings from './bindings.json' with { type: 'json' };

/** What a binding to the tests' own service does, in as far as it can be seen from here. */
function serviceOf(ctx) {
  return {
    async fetch(input, init) {
      const request = new Request(input, init);
      request.signal.throwIfAborted();
      const { promise, resolve, reject } = Promise.withResolvers();
      request.signal.addEventListener('abort', () => reject(request.signal.reason));
      Promise.try(() => answer(request, ctx)).then(resolve, reject);
      return await promise;
    },
  };
}

const maxRedirects = 20;

/** As a request to a server, it goes where the answer says. */
async function answer(request, ctx) {
  let response = await tests.default.fetch(request, envOf(ctx), ctx);
  let { url } = request;
  for (let count = 0; count < maxRedirects && request.redirect === 'follow'; count += 1) {
    const location = response.status >= 300 && response.status < 400 ? response.headers.get('location') : null;
    if (location === null) break;
    url = new URL(location, url).href;
    response = await tests.default.fetch(new Request(url), envOf(ctx), ctx);
  }
  return response;
}

function envOf(ctx) {
  const services = bindings.services.map((name) => [name, serviceOf(ctx)]);
  return { ...bindings.values, ...Object.fromEntries(services) };
}

export default async (request, _env, ctx) => {
  const name = decodeURIComponent(new URL(request.url).pathname.split('/').at(-1));
  const names = Object.keys(tests).filter((key) => typeof tests[key]?.test === 'function');
  if (name === 'list') return Response.json(names);
  const controller = {};
  try {
    await tests[name].test(controller, envOf(ctx), ctx);
    return Response.json('');
  } catch (thrown) {
    const isError = typeof thrown === 'object' && thrown !== null;
    const text = isError ? `${thrown.name}: ${thrown.message}\n${thrown.stack}` : String(thrown);
    return Response.json(`failed: ${text}`.slice(0, 4_000));
  }
};
