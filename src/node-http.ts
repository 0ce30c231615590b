/** Node requests and responses, without the detour over web ones: streams keep their back pressure, and header lines their form. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { freeBytes, sourceOfReadable, sourceOfStream, type WireStream } from '../sandbox/index.ts';
import type { IncomingCall, OutgoingAnswer } from './calls.ts';
import { discard, hasNoBody, parseContentLength } from './wire-http.ts';

/**
 * @param url The absolute URL of the request, already checked.
 */
export function fromNodeRequest(incoming: IncomingMessage, outgoing: ServerResponse, url: string): IncomingCall {
  const { headers, method = 'GET' } = incoming;
  const contentLength = parseContentLength(headers['content-length']);
  const hasBody = headers['transfer-encoding'] !== undefined || contentLength !== undefined;
  const isAskedFor = headers.expect?.toLowerCase() === '100-continue';
  return {
    method,
    // A fragment is none of a server's business.
    url: url.split('#', 1)[0]!,
    headers: lowerCaseNames(incoming.rawHeaders),
    body: hasBody ? bodyOf(incoming, contentLength, isAskedFor ? outgoing : undefined) : null,
    contentLength,
    accept: headers.accept ?? null,
    remoteAddress: incoming.socket.remoteAddress ?? '',
    signal: abortOnClose(outgoing),
  };
}

/**
 * @param asked Where a client that waits to be told that its body is wanted is told so: when somebody begins to read it.
 */
function bodyOf(incoming: IncomingMessage, length: number | undefined, asked: ServerResponse | undefined): WireStream {
  // The connection is needed for the answer, whether the rest of the body is wanted or not.
  const source = sourceOfReadable(incoming, length, () => incoming.pause());
  let isAsked = asked === undefined;
  return {
    ...source,
    read() {
      if (!isAsked) asked!.writeContinue();
      isAsked = true;
      return source.read();
    },
    // What Node's parser hands out are copies.
    release: freeBytes,
  };
}

function lowerCaseNames(rawHeaders: readonly string[]): string[] {
  return rawHeaders.map((text, index) => (index % 2 === 0 ? text.toLowerCase() : text));
}

/** Aborted when the connection goes away before the response was written to its end. */
export function abortOnClose(outgoing: ServerResponse): AbortSignal {
  const controller = new AbortController();
  outgoing.once('close', () => {
    if (!outgoing.writableFinished) controller.abort();
  });
  return controller.signal;
}

/** Writes an answer. Resolves when it is written, or when the client is gone. */
export async function sendNodeResponse(
  outgoing: ServerResponse,
  { status, statusMessage, headers, body, framing, hold }: OutgoingAnswer,
  method: string,
  extraHeaders: Iterable<readonly [string, string]> = [],
): Promise<void> {
  if (outgoing.destroyed) {
    discard(body);
    return;
  }
  setHeaders(outgoing, headers, [...extraHeaders]);
  outgoing.statusCode = status;
  if (statusMessage !== undefined) outgoing.statusMessage = statusMessage;
  if (!outgoing.req.complete) {
    // The rest of the body was not wanted; reading it only to keep the connection would be work for a client that sends too much.
    outgoing.setHeader('connection', 'close');
    linger(outgoing.req);
  }
  if (body instanceof ReadableStream) {
    if (hasNoBody(status, method)) {
      discard(body);
      outgoing.end();
    } else {
      await pipe(body, outgoing);
    }
    return;
  }
  const length = Buffer.byteLength(body);
  if (framing === undefined && status !== 204 && status !== 304) {
    outgoing.setHeader('content-length', length);
  } else if (framing === 'chunked') {
    outgoing.writeHead(status);
  }
  if (length > largeBodyBytes) outgoing.once('close', hold());
  // Text leaves in one piece with the head.
  outgoing.end(hasNoBody(status, method) ? undefined : body);
}

/** For how long a client is listened to that sends more than is wanted. */
const lingerMs = 2_000;
const lingerCheckMs = 50;
const maxLingerBytes = 64 * 1024 * 1024;

/**
 * To close a connection on which more comes in resets it, and takes the answer from a client that has not read it yet. So after the answer
 * only this side is closed, and what still comes is thrown away, for a while.
 */
function linger(incoming: IncomingMessage): void {
  const { socket } = incoming;
  const closeNow = socket.destroySoon.bind(socket);
  // Called by Node when the answer has been written.
  socket.destroySoon = () => {
    if (socket.readableEnded || socket.destroyed) {
      closeNow();
      return;
    }
    const most = socket.bytesRead + maxLingerBytes;
    const until = performance.now() + lingerMs;
    const watching = setInterval(() => {
      if (performance.now() > until || socket.bytesRead > most) socket.destroy();
    }, lingerCheckMs);
    socket.once('close', () => clearInterval(watching));
    incoming.resume();
    socket.end();
  };
}

/** What the function says goes before what is added to it; only `vary` is for both to say. */
function setHeaders(
  outgoing: ServerResponse,
  headers: OutgoingAnswer['headers'],
  extra: readonly (readonly [string, string])[],
): void {
  const lines = new Map<string, string[]>();
  const add = ([name, value]: readonly [string, string]): void => {
    const earlier = lines.get(name);
    if (earlier === undefined) lines.set(name, [value]);
    else earlier.push(value);
  };
  for (const line of headers) add(line);
  const added = extra.filter(([name]) => name === 'vary' || !lines.has(name));
  for (const line of added) add(line);
  for (const [name, values] of lines) outgoing.setHeader(name, values.length === 1 ? values[0]! : values);
}

/** The socket takes smaller ones at once. */
const largeBodyBytes = 64 * 1024;

async function pipe(body: ReadableStream<Uint8Array>, outgoing: ServerResponse): Promise<void> {
  const source = sourceOfStream(body);
  const cancel = (): void => source.cancel();
  outgoing.once('close', cancel);
  // A body that is longer or shorter than its function said would be read into the next response, or waited for.
  outgoing.strictContentLength = outgoing.hasHeader('content-length');
  outgoing.flushHeaders();
  try {
    for (let piece = await source.read(); piece !== undefined; piece = await source.read()) {
      if (!write(outgoing, piece, source)) await drained(outgoing);
      if (outgoing.destroyed) return;
    }
    outgoing.off('close', cancel);
    outgoing.end();
  } catch {
    // The function's stream broke. The status is sent already: cutting the connection is the only way left to say so.
    outgoing.destroy();
  }
}

function write(outgoing: ServerResponse, piece: Uint8Array, source: WireStream): boolean {
  if (source.release === undefined) return outgoing.write(piece);
  return outgoing.write(piece, (error) => {
    if (error === undefined || error === null) source.release!(piece);
  });
}

function drained(outgoing: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      outgoing.off('drain', done);
      outgoing.off('close', done);
      resolve();
    };
    outgoing.once('drain', done);
    outgoing.once('close', done);
  });
}
