/** How much a function may send and receive with one request. */
import { type ByteSource, limitSource } from '../byte-source.ts';
import type { Limits } from '../limits.ts';
import { egressCodes, EgressError, type EgressRequest } from './egress.ts';

/** @throws EgressError when the body says itself that it is too large. */
export function limitSent(body: EgressRequest['body'], { subrequestBodyBytes }: Limits): EgressRequest['body'] {
  const fail = (bytes: number): EgressError =>
    new EgressError(
      egressCodes.limit,
      `the body has ${bytes} bytes or more, but the limit subrequestBodyBytes is ${subrequestBodyBytes}`,
    );
  if (body === null) return null;
  if ((body.length ?? 0) > subrequestBodyBytes) throw fail(body.length!);
  return body instanceof Uint8Array ? body : limitSource(body, subrequestBodyBytes, fail);
}

export function limitReceived(body: ByteSource, limits: Limits): ByteSource {
  return limitSource(body, limits.subresponseBodyBytes, (bytes) => tooMuchReceived(bytes, limits));
}

export function tooMuchReceived(bytes: number, { subresponseBodyBytes }: Limits): EgressError {
  return new EgressError(
    egressCodes.limit,
    `the response has ${bytes} bytes or more, but the limit subresponseBodyBytes is ${subresponseBodyBytes}`,
  );
}
