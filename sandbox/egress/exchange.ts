/** One subrequest from its first hop to the end of its response: rules, secrets, redirects, content codings, sizes. */
import { type Readable, pipeline } from 'node:stream';
import { type ByteSource, iterateSource, sourceOfReadable } from '../byte-source.ts';
import type { Limits } from '../limits.ts';
import { maxHeaderLines } from '../wire.ts';
import { decodersFor } from './content-coding.ts';
import { type EgressRequest, type EgressResponse, egressCodes, EgressError, socketMethod } from './egress.ts';
import type { HttpClient, HttpResponse } from './http-client.ts';
import { type EgressPolicy, refusalOfHost, type Secret } from './policy.ts';
import { type CheckedHeaders, checkRequestHeaders, headerOf, withoutHeaders } from './request-headers.ts';
import { limitReceived, limitSent, tooMuchReceived } from './body-limits.ts';
import { readUrl } from './request-url.ts';
import { fillSecrets, redact, RedactingStream } from './secrets.ts';

/** https://fetch.spec.whatwg.org/#http-redirect-fetch */
const maxRedirects = 20;
const redirectStatuses: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
const nullBodyStatuses: ReadonlySet<number> = new Set([101, 103, 204, 205, 304]);
const methodForm = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,64}$/;
/** What they would make of the connection is no exchange of a request and a response. */
const forbiddenMethods = /^(?:CONNECT|TRACE|TRACK)$/i;

interface Hop {
  method: string;
  url: URL;
  headers: CheckedHeaders;
  body: Uint8Array | ByteSource | null;
}

export async function exchange(
  client: HttpClient,
  policy: EgressPolicy,
  limits: Limits,
  request: EgressRequest,
  signal: AbortSignal,
): Promise<EgressResponse> {
  if (request.method === socketMethod) {
    // Only who uses it pays for loading it.
    const { openSocket } = await import('./socket-client.ts');
    return openSocket(client, policy, limits, request, signal);
  }
  if (!methodForm.test(request.method) || forbiddenMethods.test(request.method)) {
    throw new EgressError(
      egressCodes.invalid,
      `the method ${JSON.stringify(request.method.slice(0, 80))} cannot be sent`,
    );
  }
  const hop: Hop = {
    method: request.method,
    url: readUrl(request.url, policy.secrets),
    headers: checkRequestHeaders(request.headers),
    body: limitSent(request.body, limits),
  };
  for (let redirects = 0; ; redirects += 1) {
    const { response, used } = await sendHop(client, policy, hop, redirects === 0, signal);
    const location = redirectStatuses.has(response.status) ? headerOf(response.headers, 'location') : undefined;
    if (location === undefined || request.redirect === 'manual') {
      return received(response, hop, redirects > 0, used, limits);
    }
    // The body of a redirect is of no use; the connection is, if there is little of it.
    response.body.on('error', () => {}).destroy();
    if (request.redirect === 'error') {
      throw new EgressError(egressCodes.redirect, `${hop.url.host} answered with a redirect, and redirect is "error"`);
    }
    if (redirects === maxRedirects) throw new EgressError(egressCodes.redirect, `over ${maxRedirects} redirects`);
    follow(hop, response.status, location, policy.secrets);
  }
}

async function sendHop(
  client: HttpClient,
  policy: EgressPolicy,
  { method, url, headers, body }: Hop,
  isFirst: boolean,
  signal: AbortSignal,
): Promise<{ response: HttpResponse; used: readonly Secret[] }> {
  const refusal = refusalOfHost(policy, { method, url });
  if (refusal !== undefined) throw new EgressError(egressCodes.denied, refusal);
  const filled = fill(headers.lines, policy, { method, url }, isFirst);
  const lines = [...filled.lines];
  const length = body === null ? lengthOfNothing(method) : (body.length ?? headers.contentLength);
  if (body !== null && headers.contentLength !== undefined && length !== headers.contentLength) {
    throw new EgressError(
      egressCodes.invalid,
      `the request has a Content-Length of ${headers.contentLength}, but a body of ${length} bytes; leave it out, it is set for you`,
    );
  }
  if (length !== undefined) lines.push('content-length', String(length));
  const response = await client.send(
    policy,
    { method, url, headers: lines, body: body === null || body instanceof Uint8Array ? body : iterateSource(body) },
    signal,
  );
  if (response.headers.length > maxHeaderLines * 2) {
    response.body.on('error', () => {}).destroy();
    throw new EgressError(egressCodes.limit, `the response has over ${maxHeaderLines} header lines`);
  }
  return { response: { ...response, headers: lowerCaseNames(response.headers) }, used: filled.used };
}

function fill(
  lines: readonly string[],
  { secrets }: EgressPolicy,
  destination: { readonly method: string; readonly url: URL },
  isFirst: boolean,
): ReturnType<typeof fillSecrets> {
  try {
    return fillSecrets(lines, secrets, destination, isFirst);
  } catch (error) {
    throw new EgressError(egressCodes.denied, (error as Error).message);
  }
}

/** Servers expect to be told that the body of such a request is empty. */
function lengthOfNothing(method: string): number | undefined {
  return method === 'POST' || method === 'PUT' || method === 'PATCH' ? 0 : undefined;
}

/** https://fetch.spec.whatwg.org/#concept-http-redirect-fetch */
function follow(hop: Hop, status: number, location: string, secrets: readonly Secret[]): void {
  // Servers write UTF-8 where only ASCII may be.
  const target = URL.parse(Buffer.from(location, 'latin1').toString('utf8'), hop.url);
  if (target === null) throw new EgressError(egressCodes.redirect, `${hop.url.host} redirects to an invalid URL`);
  if (target.hash === '') target.hash = hop.url.hash;
  const url = readUrl(target.href, secrets);
  const { method } = hop;
  const becomesGet =
    ((status === 301 || status === 302) && method === 'POST') ||
    (status === 303 && method !== 'GET' && method !== 'HEAD');
  if (becomesGet) {
    hop.method = 'GET';
    if (hop.body !== null && !(hop.body instanceof Uint8Array)) hop.body.cancel();
    hop.body = null;
    hop.headers = {
      lines: withoutHeaders(hop.headers.lines, (name) => name.startsWith('content-')),
      contentLength: undefined,
    };
  } else if (hop.body !== null && !(hop.body instanceof Uint8Array)) {
    throw new EgressError(
      egressCodes.redirect,
      `${hop.url.host} redirects with ${status}, but the body was a stream, which cannot be sent twice`,
    );
  }
  if (url.origin !== hop.url.origin) {
    const lines = withoutHeaders(hop.headers.lines, (name) => name === 'authorization' || name === 'cookie');
    hop.headers = { ...hop.headers, lines };
  }
  hop.url = url;
}

function received(
  { status, statusText, headers, body }: HttpResponse,
  { method, url }: Hop,
  redirected: boolean,
  used: readonly Secret[],
  limits: Limits,
): EgressResponse {
  const hasBody = method !== 'HEAD' && !nullBodyStatuses.has(status);
  const decoders = hasBody ? decodersFor(headerOf(headers, 'content-encoding')) : undefined;
  const isDecoded = decoders !== undefined && decoders.length > 0;
  // What is handed on is the content itself: whoever passes it on with these headers would say what is not true.
  const kept = isDecoded
    ? withoutHeaders(headers, (name) => name === 'content-encoding' || name === 'content-length')
    : headers;
  const lines = used.length === 0 ? kept : kept.map((text, index) => (index % 2 === 0 ? text : redact(text, used)));
  const shown = new URL(url);
  shown.hash = '';
  const head = { status, statusText: redact(statusText, used), url: shown.href, redirected, headers: lines };
  if (!hasBody) {
    body.on('error', () => {}).resume();
    return { ...head, body: null };
  }
  const transforms = [...(decoders ?? []), ...(used.length === 0 ? [] : [new RedactingStream(used)])];
  const length = transforms.length === 0 ? readLength(headerOf(headers, 'content-length')) : undefined;
  const { subresponseBodyBytes } = limits;
  if (length !== undefined && length > subresponseBodyBytes) {
    body.on('error', () => {}).destroy();
    throw tooMuchReceived(length, limits);
  }
  return { ...head, body: limitReceived(sourceOfReadable(through(body, transforms), length), limits) };
}

function through(body: Readable, transforms: readonly NodeJS.ReadWriteStream[]): Readable {
  if (transforms.length === 0) return body;
  // The error of one is that of the last, which is read.
  pipeline([body, ...transforms], () => {});
  return transforms.at(-1) as unknown as Readable;
}

function readLength(value: string | undefined): number | undefined {
  return value !== undefined && /^[0-9]{1,15}$/.test(value) ? Number(value) : undefined;
}

function lowerCaseNames(lines: readonly string[]): string[] {
  return lines.map((text, index) => (index % 2 === 0 ? text.toLowerCase() : text));
}
