/** One function behind every path, as the Kubeless runtime serves it. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { hints, maxHeaderLines, pseudoHeaders, sourceOfBytes } from '../../sandbox/index.ts';
import type { IncomingCall, OutgoingAnswer } from '../calls.ts';
import { weakTag } from '../etag.ts';
import type { Host } from '../host.ts';
import type { KubelessMetrics } from '../metrics.ts';
import { abortOnClose, sendNodeResponse } from '../node-http.ts';
import type { Failure } from '../problem.ts';
import { hintOf, withoutHints } from '../response-hints.ts';
import { combinedLine } from './access-log.ts';
import { html, sendErrorPage, sendPreflight, sendText } from './answers.ts';
import { readKubelessBody } from './body.ts';
import type { FunctionLoader } from './function-loader.ts';
import { isDecodable, pathOf } from './target.ts';

export interface KubelessAppOptions {
  readonly host: Host;
  readonly metrics: KubelessMetrics;
  readonly loader: FunctionLoader;
  /** The name that the function is deployed under. */
  readonly functionName: string;
  /** `MOD_NAME`, for the label of the metrics. */
  readonly moduleName: string;
  readonly bodyBytes: number;
  readonly onFailure: (failure: Failure) => void;
  readonly onFinished: (line: string) => void;
}

const anyOrigin: [string, string] = ['access-control-allow-origin', '*'];
/** prom-client's own, with the charset where Express puts it. */
const metricsType = 'text/plain; charset=utf-8; version=0.0.4';

/** Answers requests; none of them is left without an answer, unless its client is gone. */
export function createKubelessApp(
  options: KubelessAppOptions,
): (incoming: IncomingMessage, outgoing: ServerResponse) => void {
  return (incoming, outgoing) => {
    outgoing.once('close', () => options.onFinished(combinedLine(incoming, outgoing, new Date())));
    void answer(options, incoming, outgoing);
  };
}

async function answer(options: KubelessAppOptions, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const { method = 'GET', url: target = '/' } = incoming;
  const body = await readKubelessBody(incoming, options.bodyBytes);
  if ('gone' in body) return undefined;
  if ('status' in body) return sendErrorPage(outgoing, body.status, body.error);
  const path = pathOf(target);
  if (method === 'GET' || method === 'HEAD') {
    if (/^\/healthz\/?$/i.test(path)) return sendText(outgoing, html, 'OK');
    if (/^\/metrics\/?$/i.test(path)) return sendText(outgoing, metricsType, await options.metrics.expose());
  }
  if (!isDecodable(path)) return sendErrorPage(outgoing, 400, `URIError: Failed to decode param '${path}'`);
  if (method === 'OPTIONS') return sendPreflight(incoming, outgoing);
  return call(options, toCall(incoming, outgoing, body.body), outgoing);
}

async function call(
  { host, metrics, loader, functionName, moduleName, onFailure }: KubelessAppOptions,
  incoming: IncomingCall,
  outgoing: ServerResponse,
): Promise<void> {
  const { method } = incoming;
  const label = `${moduleName}-${method}`;
  const startedAt = performance.now();
  const failed = (failure: Failure): void => {
    metrics.countFailure(label);
    onFailure(failure);
  };
  metrics.countCall(label);
  await loader.ensure();
  const given = await host.handle(incoming, functionName);
  const { failure, failureHeaders, ended } = given;
  const isCut = hintOf(failureHeaders, hints.destroy) !== undefined;
  void ended.then(({ outcome }) => {
    metrics.observeDuration(label, (performance.now() - startedAt) / 1_000);
    // A stream that broke after its head was sent.
    if (failure === undefined && outcome.kind !== 'ok' && outcome.kind !== 'canceled') failed(outcome);
  });
  if (failure === undefined) return sendNodeResponse(outgoing, given, method);
  if (isCut) {
    outgoing.destroy();
    return undefined;
  }
  if (failure.kind === 'exception' && hintOf(failureHeaders, hints.handled) === undefined) loader.forget();
  if (failure.kind !== 'canceled') failed(failure);
  return sendNodeResponse(outgoing, describe(given, failure), method);
}

function toCall(incoming: IncomingMessage, outgoing: ServerResponse, body: Uint8Array | null): IncomingCall {
  const { method = 'GET', url: target = '/', headers, rawHeaders, httpVersion, socket } = incoming;
  const { remoteAddress = '', remotePort = 0 } = socket;
  const pseudo = [
    pseudoHeaders.target,
    target,
    pseudoHeaders.httpVersion,
    httpVersion,
    pseudoHeaders.remotePort,
    String(remotePort),
    pseudoHeaders.allowOrigin,
    '*',
  ];
  return {
    method,
    // Routes nothing here, and may be anything: the function sees the target.
    url: `http://localhost${target.startsWith('/') ? target : `/${target}`}`,
    headers: [...pseudo, ...rawHeaders].slice(0, maxHeaderLines * 2),
    body: body === null ? null : sourceOfBytes(body),
    contentLength: body?.byteLength,
    accept: headers.accept ?? null,
    remoteAddress,
    signal: abortOnClose(outgoing),
  };
}

/** The answers of the original, where it gave any; a function that never settles got none. */
function describe(given: OutgoingAnswer, failure: Failure): OutgoingAnswer {
  const isTimeout = failure.kind === 'exceededCpu' || failure.kind === 'exceededWallTime';
  const isBusy = 'retryAfterSeconds' in failure;
  const status = isTimeout ? 408 : isBusy ? 503 : 500;
  const body = isTimeout
    ? '{"code":"ERR_SCRIPT_EXECUTION_TIMEOUT"}'
    : isBusy
      ? 'Service Unavailable'
      : 'Internal Server Error';
  // Set by the function before it threw: they stay, and so does that it has removed one.
  const own = withoutHints(given.failureHeaders).filter(([name, value]) => name !== 'etag' || value !== '');
  const usual: [string, string][] = [
    ...(hintOf(given.failureHeaders, hints.handled) === undefined ? [anyOrigin] : []),
    ['content-type', isTimeout ? 'application/json; charset=utf-8' : html],
    ['etag', weakTag(body)],
  ];
  return {
    ...given,
    status,
    statusMessage: hintOf(given.failureHeaders, hints.reason),
    headers: [
      ...own,
      ...usual.filter(([name]) => !own.some(([other]) => other === name)),
      ['x-isohost-outcome', failure.kind],
      ['x-isohost-id', given.id],
      ...(isBusy ? [['retry-after', String(failure.retryAfterSeconds)] as const] : []),
    ],
    body,
  };
}
