/**
 * What a test file finds around it, in a guest and in Node alike, before testharness.js: the globals that WPT's server and browsers would give,
 * and a `fetch` for the files beside the test. It is evaluated as text, as a function of what the runner knows.
 */
globalThis.__prepareConformance = function prepare({ pathname, search, files, giveUpMs }) {
  const scope = globalThis;
  const origin = 'http://web-platform.test:8000';
  scope.self ??= scope;
  scope.GLOBAL = { isWindow: () => false, isWorker: () => false, isShadowRealm: () => false };
  // By this, idlharness.js knows what it may expect.
  scope.Window = Object.getPrototypeOf(scope).constructor;
  scope.isSecureContext ??= true;
  scope.location = Object.freeze({
    href: `${origin}${pathname}${search}`,
    origin,
    protocol: 'http:',
    host: 'web-platform.test:8000',
    hostname: 'web-platform.test',
    port: '8000',
    pathname,
    search,
    hash: '',
    toString: () => `${origin}${pathname}${search}`,
  });
  // What a test leaves uncaught is no reason to lose its other results.
  scope.addEventListener?.('error', (event) => event.preventDefault());
  const network = scope.fetch;
  const { Response, Uint8Array, Promise, TypeError, JSON, String } = scope;
  const bytesOf = (base64) => Uint8Array.fromBase64(base64);
  /** Files are named relative to the test, or from the root of WPT. */
  scope.fetch = function fetch(input, init) {
    const name = typeof input === 'string' || typeof input?.href === 'string' ? String(input) : undefined;
    const file = name === undefined ? undefined : files[name.replace(origin, '')];
    if (file !== undefined) {
      return Promise.resolve(new Response(bytesOf(file.base64), { headers: { 'content-type': file.type } }));
    }
    if (typeof network === 'function') return network(input, init);
    return Promise.reject(new TypeError('there is no fetch'));
  };
  const results = [];
  scope.__conformance = {
    /** Called when testharness.js is there. */
    watch(addResult, addCompletion) {
      return new Promise((resolve) => {
        const timer = setTimeout(() => resolve(finish(false)), giveUpMs);
        const finish = (isComplete) => JSON.stringify({ isComplete, results });
        addResult(({ name, status, message }) => {
          results.push([name, status === 0, status === 0 ? '' : String(message).slice(0, 500)]);
        });
        addCompletion(() => {
          clearTimeout(timer);
          resolve(finish(true));
        });
      });
    },
  };
};
