/** A copy of the bytes of a buffer or a view; `undefined` for anything else. */
export function copyBufferSource(value: unknown): Uint8Array<ArrayBuffer> | undefined {
  const bytes = viewBufferSource(value);
  return bytes === undefined ? undefined : new Uint8Array(bytes);
}

/** The bytes themselves. */
export function viewBufferSource(value: unknown): Uint8Array<ArrayBuffer> | undefined {
  if (ArrayBuffer.isView(value)) {
    if (isArrayBuffer(value.buffer) && value.buffer.detached) return new Uint8Array();
    return new Uint8Array(value.buffer as ArrayBuffer, value.byteOffset, value.byteLength);
  }
  if (typeof value !== 'object' || value === null || !isArrayBuffer(value)) return undefined;
  return value.detached ? new Uint8Array() : new Uint8Array(value);
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
