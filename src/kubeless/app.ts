/** One function behind every path, as the Kubeless runtime serves it. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { type Context, Hono } from 'hono';
import type { AppBindings } from '../app.ts';
import type { OutgoingAnswer } from '../calls.ts';
import { weakTag } from '../etag.ts';
import type { Host } from '../host.ts';
import type { KubelessMetrics } from '../metrics.ts';
import { fromNodeRequest, sendNodeResponse } from '../node-http.ts';
import type { Failure } from '../problem.ts';
import { bodySource } from '../request-body.ts';
import { readKubelessBody } from './body.ts';

type App = Hono<{ Bindings: AppBindings }>;

export interface KubelessAppOptions {
  readonly host: Host;
  readonly metrics: KubelessMetrics;
  /** The name that the function is deployed under. */
  readonly functionName: string;
  /** `MOD_NAME`, for the label of the metrics. */
  readonly moduleName: string;
  readonly bodyBytes: number;
  /** Tries to load the function again when it could not be loaded so far. */
  readonly ensureLoaded: () => Promise<void>;
  readonly onFailure: (failure: Failure) => void;
}

const html = 'text/html; charset=utf-8';
const anyOrigin = ['access-control-allow-origin', '*'] as const;

export function createKubelessApp(options: KubelessAppOptions): App {
  const { metrics } = options;
  const app: App = new Hono<{ Bindings: AppBindings }>();
  app.on(['GET', 'HEAD'], '*', async (context, next) => {
    const path = context.req.path.replace(/\/$/, '').toLowerCase();
    if (path === '/healthz') return context.body('OK', 200, { 'content-type': html });
    if (path !== '/metrics') return next();
    return context.body(await metrics.expose(), 200, { 'content-type': metrics.contentType });
  });
  app.all('*', async (context) => {
    const { incoming, outgoing } = context.env as Required<AppBindings>;
    await serve(options, context, incoming, outgoing);
    return RESPONSE_ALREADY_SENT;
  });
  return app;
}

async function serve(
  options: KubelessAppOptions,
  context: Context,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const { method, url, path } = context.req;
  if (!isDecodable(path)) return sendPage(outgoing, method, 400, 'URIError: the path cannot be decoded');
  const body = await readKubelessBody(incoming, options.bodyBytes);
  if ('gone' in body) return undefined;
  if ('status' in body) return sendPage(outgoing, method, body.status, body.error);
  if (method === 'OPTIONS') return sendPreflight(incoming, outgoing);
  const { host, metrics, functionName, moduleName } = options;
  const label = `${moduleName}-${method}`;
  const startedAt = performance.now();
  metrics.countCall(label);
  await options.ensureLoaded();
  const call = {
    ...fromNodeRequest(incoming, outgoing, url),
    body: body.body === null ? null : bodySource(body.body),
    contentLength: body.body?.byteLength,
  };
  const answer = await host.handle(call, functionName);
  const { failure } = answer;
  if (failure !== undefined) {
    metrics.countFailure(label);
    options.onFailure(failure);
  }
  void answer.ended.then(({ outcome }) => {
    metrics.observeDuration(label, (performance.now() - startedAt) / 1_000);
    // A stream that broke after its head was sent.
    if (failure === undefined && outcome.kind !== 'ok' && outcome.kind !== 'canceled') {
      metrics.countFailure(label);
      options.onFailure(outcome);
    }
  });
  const described = failure === undefined ? answer : describe(answer, failure);
  await sendNodeResponse(outgoing, described, method, [anyOrigin]);
}

/** The answers of the original, where it gave any; a function that never settles got none. */
function describe(answer: OutgoingAnswer, failure: Failure): OutgoingAnswer {
  const kept = answer.failureHeaders.filter(([name]) => name !== 'content-type' && name !== 'etag');
  const isTimeout = failure.kind === 'exceededCpu' || failure.kind === 'exceededWallTime';
  const status = isTimeout ? 408 : failure.kind === 'overloaded' || failure.kind === 'throttled' ? 503 : 500;
  const body =
    status === 408
      ? '{"code":"ERR_SCRIPT_EXECUTION_TIMEOUT"}'
      : status === 503
        ? 'Service Unavailable'
        : 'Internal Server Error';
  return {
    ...answer,
    status,
    headers: [
      ...kept,
      ['content-type', isTimeout ? 'application/json; charset=utf-8' : html],
      ['etag', weakTag(body)],
      ['x-isohost-outcome', failure.kind],
      ['x-isohost-id', answer.id],
      ...(status === 503 ? [['retry-after', '1'] as const] : []),
    ],
    body,
  };
}

/** What a browser asks before a call from another origin: whatever it wants is granted, as by the original. */
async function sendPreflight(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const { headers } = incoming;
  outgoing.setHeader(...anyOrigin);
  const methods = headers['access-control-request-method'];
  const names = headers['access-control-request-headers'];
  if (methods !== undefined) outgoing.setHeader('access-control-allow-methods', methods);
  if (names !== undefined) outgoing.setHeader('access-control-allow-headers', names);
  outgoing.statusCode = 200;
  outgoing.setHeader('content-length', 0);
  outgoing.end();
}

/** A page in the manner of Express, without its stack trace. */
async function sendPage(outgoing: ServerResponse, method: string, status: number, text: string): Promise<void> {
  const escaped = text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
  const body =
    `<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>Error</title>\n</head>\n` +
    `<body>\n<pre>${escaped}</pre>\n</body>\n</html>\n`;
  outgoing.statusCode = status;
  outgoing.setHeader('content-type', html);
  outgoing.setHeader('content-security-policy', "default-src 'none'");
  outgoing.setHeader('x-content-type-options', 'nosniff');
  outgoing.setHeader('content-length', Buffer.byteLength(body));
  if (!outgoing.req.complete) outgoing.setHeader('connection', 'close');
  outgoing.end(method === 'HEAD' ? undefined : body);
}

function isDecodable(path: string): boolean {
  try {
    decodeURIComponent(path);
    return true;
  } catch {
    // Malformed percent-encoding.
    return false;
  }
}
