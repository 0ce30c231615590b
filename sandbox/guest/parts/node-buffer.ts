/** `node:buffer`. */
import { part } from '../core/facade.ts';
import { atob, btoa } from './base64.ts';
import { Buffer } from './node-buffer/buffer.ts';
import { kMaxLength } from './node-buffer/limits.ts';
import { inspectMaxBytes, setInspectMaxBytes } from './node-buffer/inspect.ts';
import { isAscii, isUtf8, transcode } from './node-buffer/text.ts';

export const constants = { MAX_LENGTH: kMaxLength, MAX_STRING_LENGTH: 2 ** 29 - 24 };
export const kStringMaxLength = constants.MAX_STRING_LENGTH;

/** Of old: a buffer with memory of its own, as all are here. */
export function SlowBuffer(length: number): object {
  return Buffer.allocUnsafeSlow(length);
}
Object.setPrototypeOf(SlowBuffer.prototype, Uint8Array.prototype);
Object.setPrototypeOf(SlowBuffer, Uint8Array);

export { atob, btoa, Buffer, isAscii, isUtf8, kMaxLength, transcode };

export default {
  get Blob(): object {
    return part('blob').Blob;
  },
  Buffer,
  get File(): object {
    return part('blob').File;
  },
  get INSPECT_MAX_BYTES(): number {
    return inspectMaxBytes();
  },
  set INSPECT_MAX_BYTES(value: number) {
    setInspectMaxBytes(value);
  },
  SlowBuffer,
  atob,
  btoa,
  constants,
  isAscii,
  isUtf8,
  kMaxLength,
  kStringMaxLength,
  resolveObjectURL: (url: string): unknown => part('blob').resolveObjectURL(url),
  transcode,
};
