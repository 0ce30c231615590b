import type { IncomingMessage, ServerResponse } from 'node:http';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { Hono } from 'hono';
import { cors } from 'hono/cors';
import type { Host } from './host.ts';
import { fromNodeRequest, sendNodeResponse } from './node-http.ts';

/** Where the app runs. With `direct`, answers of functions go straight to Node's response. */
export interface AppBindings {
  readonly incoming?: IncomingMessage;
  readonly outgoing?: ServerResponse;
  readonly direct?: boolean;
}

type App = Hono<{ Bindings: AppBindings }>;

/**
 * A Hono app that serves a host's functions, and `/healthz`, `/readyz` and `/metrics` beside them. Mount it in an app of your own, or
 * serve its `fetch`.
 *
 * @example
 * ```ts
 * const app = new Hono().mount('/functions', createApp(host).fetch);
 * ```
 */
export function createApp(host: Host): App {
  const app: App = new Hono<{ Bindings: AppBindings }>();
  app.get('/healthz', (context) => context.text('OK'));
  app.get('/readyz', (context) => {
    const { isReady, stuckIsolates } = host.status();
    if (!isReady) return context.text('draining', 503);
    return stuckIsolates > 0 ? context.text(`${stuckIsolates} isolates could not be stopped`, 503) : context.text('OK');
  });
  app.get('/metrics', async (context) =>
    context.body(await host.metrics.expose(), 200, { 'content-type': host.metrics.contentType }),
  );
  const { corsOrigins } = host;
  if (corsOrigins.length > 0) {
    const origin = corsOrigins.includes('*') ? '*' : [...corsOrigins];
    app.use(cors({ origin, exposeHeaders: ['x-isohost-id', 'x-isohost-outcome'] }));
  }
  app.all('*', async (context) => {
    const { incoming, outgoing, direct } = context.env ?? {};
    if (direct !== true || incoming === undefined || outgoing === undefined) return host.fetch(context.req.raw);
    const answer = await host.handle(fromNodeRequest(incoming, outgoing, context.req.url));
    const extra = corsOrigins.length > 0 ? context.res.headers : [];
    await sendNodeResponse(outgoing, answer, context.req.method, extra);
    return RESPONSE_ALREADY_SENT;
  });
  return app;
}
