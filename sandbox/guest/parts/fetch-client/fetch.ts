import { bodyKind } from '../../../wire.ts';
import { callAsync, encodeFrame, isExpected, loadedPart, part, readFrame, sinceStart } from '../../core/facade.ts';
import type { AbortSignal } from '../events.ts';
import type { GuestReadableStream, Request, RequestInit, Response } from '../fetch.ts';
import type { URL } from '../url.ts';
import { readBlobUrl } from './blob-url.ts';
import { readDataUrl } from './data-url.ts';

let lastNumber = 0;
/** Larger texts cross as bytes, which takes less memory. */
const maxTextLength = 64 * 1024;
/** Larger bodies are written piece by piece. */
const maxBytesLength = 4 * 1024 * 1024;

export async function fetch(input: string | URL | Request, init?: RequestInit): Promise<Response> {
  const classes = part('fetch');
  const parts = classes.requestParts(new classes.Request(input, init));
  const { method, url, headers, redirect, body, signal } = parts;
  signal?.throwIfAborted();
  if (url.startsWith('data:')) return readDataUrl(method, url);
  if (url.startsWith('blob:')) return readBlobUrl(method, url);
  const startedAt = sinceStart();
  lastNumber += 1;
  const number = lastNumber;
  const [kind, text, bytes, upload] = bodyFields(body);
  const frame = encodeFrame([String(number), method, url, encodeFrame(headers), redirect, kind, text]);
  const response = callAsync('fetch', frame, bytes);
  if (upload !== undefined) void send(number, upload, signal);
  // The host ends what is under way, the body of the response too.
  if (signal !== undefined) {
    part('events').onAbort(signal, () => void callAsync('abort', String(number)).catch(() => {}));
  }
  try {
    const received = responseOf((await response) as string, signal);
    note(url, startedAt, received.status);
    return received;
  } catch (reason) {
    note(url, startedAt, 0);
    throw signal?.aborted === true ? signal.reason : failed(reason as Error);
  }
}

/** Leaves an entry where somebody may look for one. */
function note(url: string, startedAt: number, status: number): void {
  const timing = isExpected('user-timing') ? part('user-timing') : loadedPart('user-timing');
  timing?.addResource(url, startedAt, status);
}

type BodyFields = [kind: string, text: string, bytes?: Uint8Array | undefined, upload?: GuestReadableStream];

function bodyFields(body: ReturnType<ReturnType<typeof part<'fetch'>>['requestParts']>['body']): BodyFields {
  if (body === undefined) return [bodyKind.none, ''];
  const { bodyStream, takeHeldBody } = part('fetch');
  const held = takeHeldBody(body);
  if (held !== undefined) return [bodyKind.held, String(held.id)];
  const { source } = body;
  if (typeof source === 'string' && source.length <= maxTextLength) return [bodyKind.text, source];
  const bytes = typeof source === 'string' ? part('encoding').encodeUtf8(source) : source;
  if (bytes instanceof Uint8Array && bytes.length <= maxBytesLength) return [bodyKind.bytes, '', bytes];
  return [bodyKind.upload, '', undefined, bodyStream(body)!];
}

/** Writes a stream to the host, at the pace of whoever receives it. */
async function send(number: number, stream: GuestReadableStream, signal: AbortSignal | undefined): Promise<void> {
  const reader = stream.getReader();
  const id = String(number);
  if (signal !== undefined) part('events').onAbort(signal, () => void reader.cancel(signal.reason).catch(() => {}));
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      if (!(value instanceof Uint8Array)) throw new TypeError('a body stream must consist of Uint8Array chunks');
      for (let offset = 0; offset < value.length; offset += maxPieceBytes) {
        const piece = value.slice(offset, offset + maxPieceBytes);
        if ((await callAsync('write', id, piece)) === 'over') {
          await reader.cancel(new TypeError('the body is not wanted any more'));
          return;
        }
      }
    }
    await callAsync('end', encodeFrame([id, '']));
  } catch (thrown) {
    void reader.cancel(thrown).catch(() => {});
    await callAsync('end', encodeFrame([id, 'the stream that is the body of the request failed'])).catch(() => {});
  }
}
const maxPieceBytes = 64 * 1024;

function responseOf(frame: string, signal: AbortSignal | undefined): Response {
  const [status, statusText, url, redirected, headers, body] = readFrame(frame);
  const { bodyOf, HeldBody, receivedResponse } = part('fetch');
  return receivedResponse({
    status: Number(status),
    statusText: statusText!,
    url: url!,
    redirected: redirected === '1',
    headers: readFrame(headers!),
    body: body === '' ? undefined : bodyOf(new HeldBody(Number(body), signal)),
  });
}

/** As in Node: the error says that it failed, its cause why. */
function failed({ message }: Error): TypeError {
  const [, code, reason = message] = /^([A-Z][A-Z0-9_]+): (.*)$/s.exec(message) ?? [];
  const cause = new Error(reason);
  if (code !== undefined) Object.assign(cause, { code });
  return new TypeError('fetch failed', { cause });
}
