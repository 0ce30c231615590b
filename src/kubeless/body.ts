/** Request bodies as body-parser prepares them: inflated, and limited by their inflated size. */
import type { IncomingMessage } from 'node:http';
import { createGunzip, createInflate } from 'node:zlib';
import { mediaTypeOf } from '../../sandbox/index.ts';
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
  if (mediaTypeOf(headers['content-type'])?.startsWith('multipart/') === true) {
    return explain(await readRequestBody(incoming, declared, Math.max(bodyBytes, minMultipartBytes)), incoming);
  }
  const coding = (headers['content-encoding'] || 'identity').toLowerCase();
  if (coding === 'identity') return explain(await readRequestBody(incoming, declared, bodyBytes), incoming);
  if (coding !== 'gzip' && coding !== 'deflate') {
    return { status: 415, error: `UnsupportedMediaTypeError: unsupported content encoding "${coding}"` };
  }
  const inflater = coding === 'gzip' ? createGunzip() : createInflate();
  incoming.once('close', () => {
    if (!incoming.complete) inflater.destroy(new Error('request aborted'));
  });
  incoming.pipe(inflater);
  // Reading stops at the limit, and with it the inflating: a small body that becomes a huge one is never held.
  return explain(await readRequestBody(inflater as AsyncIterable<Uint8Array>, undefined, bodyBytes), incoming);
}

function explain(result: BodyResult, { complete, destroyed }: IncomingMessage): KubelessBody {
  if ('body' in result) return result;
  if ('noRoom' in result) return { status: 503, error: 'ServiceUnavailableError: too many request bodies at once' };
  if ('tooLarge' in result) return { status: 413, error: 'PayloadTooLargeError: request entity too large' };
  // A request is destroyed, too, when it was read to its end.
  if (destroyed && !complete) return { gone: true };
  return { status: 400, error: `Error: ${(result.broken as Error).message}` };
}
