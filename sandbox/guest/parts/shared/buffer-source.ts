/** A copy of the bytes of a buffer or a view; `undefined` for anything else, shared buffers included. */
export function copyBufferSource(value: unknown): Uint8Array<ArrayBuffer> | undefined {
  const bytes = viewBufferSource(value);
  return bytes === undefined || isShared(bytes.buffer) ? undefined : new Uint8Array(bytes);
}

/** The bytes themselves; those of a shared buffer, too. */
export function viewBufferSource(value: unknown): Uint8Array<ArrayBuffer> | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if (ArrayBuffer.isView(value)) {
    if (isArrayBuffer(value.buffer) && value.buffer.detached) return new Uint8Array();
    return new Uint8Array(value.buffer as ArrayBuffer, value.byteOffset, value.byteLength);
  }
  if (isArrayBuffer(value)) return value.detached ? new Uint8Array() : new Uint8Array(value);
  return isShared(value) ? new Uint8Array(value as ArrayBuffer) : undefined;
}

export function isArrayBuffer(value: object): value is ArrayBuffer {
  try {
    byteLength.call(value);
    return true;
  } catch {
    // The getter of another type: not an ArrayBuffer.
    return false;
  }
}
const byteLength = Object.getOwnPropertyDescriptor(ArrayBuffer.prototype, 'byteLength')!.get!;

/** By its tag: there is no constructor to be had. What only pretends to be one makes no view. */
function isShared(value: object): boolean {
  return Object.prototype.toString.call(value) === '[object SharedArrayBuffer]';
}

/** Whether `copyBufferSource` has bytes of it. */
export function isBufferSource(value: unknown): boolean {
  const bytes = viewBufferSource(value);
  return bytes !== undefined && !isShared(bytes.buffer);
}
