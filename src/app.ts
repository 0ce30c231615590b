import type { IncomingMessage, ServerResponse } from 'node:http';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { type Context, Hono } from 'hono';
import { routePath } from 'hono/route';
import { type Cors, createCors } from './cors.ts';
import type { Host } from './host.ts';
import { fromNodeRequest, sendNodeResponse } from './node-http.ts';
import type { Upgrade } from './upgrade.ts';

/** Where the app runs. With `direct`, answers of functions go straight to Node's response. */
export interface AppBindings {
  readonly incoming?: IncomingMessage;
  readonly outgoing?: ServerResponse;
  readonly direct?: boolean;
  /** With `direct`: the client asks for a WebSocket. */
  readonly upgrade?: Upgrade | undefined;
}

type App = Hono<{ Bindings: AppBindings }>;
type AppContext = Context<{ Bindings: AppBindings }>;

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
  const cors = createCors(host.corsOrigins);
  app.all(
    '*',
    (context) => (cors === undefined ? undefined : answerPreflight(context, cors)) ?? serve(host, context, cors),
  );
  return app;
}

/** Other requests with the method OPTIONS are a function's to answer. */
function answerPreflight(context: AppContext, cors: Cors): Response | undefined {
  const origin = context.req.header('origin');
  const methods = context.req.header('access-control-request-method');
  if (context.req.method !== 'OPTIONS' || origin === undefined || methods === undefined) return undefined;
  const headers = cors.preflight(origin, methods, context.req.header('access-control-request-headers'));
  return new Response(null, { status: 204, headers: headers as [string, string][] });
}

async function serve(host: Host, context: AppContext, cors: Cors | undefined): Promise<Response> {
  const { incoming, outgoing, direct, upgrade } = context.env ?? {};
  const extra = cors?.headersFor(context.req.header('origin')) ?? [];
  if (direct === true && incoming !== undefined && outgoing !== undefined) {
    const call = fromNodeRequest(incoming, outgoing, context.req.url);
    const answer = await host.handle(
      upgrade === undefined ? call : { ...call, socket: upgrade, signal: upgrade.signal },
    );
    const { body, socketLimits } = answer;
    if (upgrade !== undefined && socketLimits !== undefined && body instanceof ReadableStream) {
      await upgrade.accept(answer, body, socketLimits);
    } else {
      await sendNodeResponse(outgoing, answer, context.req.method, extra);
    }
    return RESPONSE_ALREADY_SENT;
  }
  const response = await host.fetch(belowRoute(context));
  for (const [name, value] of extra) response.headers.append(name, value);
  return response;
}

/** The request as if the app stood at the root: `app.route('/functions', createApp(host))` leaves the path as it was. */
function belowRoute(context: AppContext): Request {
  const { raw } = context.req;
  const prefix = routePath(context).replace(/\/?\*$/, '');
  if (prefix === '') return raw;
  const url = new URL(raw.url);
  if (!url.pathname.startsWith(`${prefix}/`)) return raw;
  url.pathname = url.pathname.slice(prefix.length);
  return new Request(url, raw);
}
