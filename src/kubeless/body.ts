/** Request bodies as body-parser prepares them: inflated, and limited by their inflated size. */
import type { IncomingMessage } from 'node:http';
import { createGunzip, createInflate } from 'node:zlib';
import { type BodyResult, readRequestBody } from '../request-body.ts';
import { parseContentLength } from '../wire-http.ts';

export type KubelessBody =
  | { readonly body: Uint8Array | null }
  /** The status to answer instead of calling the function, with the name of the error as body-parser has it. */
  | { readonly status: 400 | 413 | 415 | 503; readonly error: string }
  /** Nobody is there any more. */
  | { readonly gone: true };

/** Multipart bodies were not limited at all by the original; a file upload should not fail at the limit of other bodies. */
const minMultipartBytes = 10 * 1_048_576;

export async function readKubelessBody(incoming: IncomingMessage, bodyBytes: number): Promise<KubelessBody> {
  const { headers } = incoming;
  const declared = parseContentLength(headers['content-length']);
  if (declared === undefined && headers['transfer-encoding'] === undefined) return { body: null };
  const isMultipart = /^\s*multipart\//i.test(headers['content-type'] ?? '');
  if (isMultipart)
    return explain(await readRequestBody(incoming, declared, Math.max(bodyBytes, minMultipartBytes)), false);
  const coding = (headers['content-encoding'] ?? 'identity').toLowerCase();
  if (coding === 'identity') return explain(await readRequestBody(incoming, declared, bodyBytes), false);
  if (coding !== 'gzip' && coding !== 'deflate') {
    return { status: 415, error: `UnsupportedMediaTypeError: unsupported content encoding "${coding}"` };
  }
  const inflater = coding === 'gzip' ? createGunzip() : createInflate();
  incoming.once('error', (error: Error) => inflater.destroy(error));
  incoming.pipe(inflater);
  // Reading stops at the limit, and with it the inflating: a small body that becomes a huge one is never held.
  return explain(
    await readRequestBody(inflater as AsyncIterable<Uint8Array>, undefined, bodyBytes),
    !incoming.destroyed,
  );
}

function explain(result: BodyResult, isConnected: boolean): KubelessBody {
  if ('body' in result) return result;
  if ('noRoom' in result) return { status: 503, error: 'ServiceUnavailableError: too many request bodies at once' };
  if ('tooLarge' in result) return { status: 413, error: 'PayloadTooLargeError: request entity too large' };
  return isConnected ? { status: 400, error: `BadRequestError: ${(result.broken as Error).message}` } : { gone: true };
}
