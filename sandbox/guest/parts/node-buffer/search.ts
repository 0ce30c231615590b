/**
 * Where the bytes of a needle stand, or -1.
 *
 * @param start Counts from the end when it is negative.
 * @param step How many bytes a unit of the text has: units are compared as a whole.
 * @param isNumber A single byte, which the end of the buffer cannot hold.
 */
export function indexIn(
  bytes: Uint8Array,
  needle: ArrayLike<number>,
  start: number,
  step: number,
  isForward: boolean,
  isNumber = false,
): number {
  const { length } = bytes;
  let from = start < 0 ? start + length : start;
  if (from < 0) {
    if (!isForward) return -1;
    from = 0;
  }
  if (needle.length === 0 && !isNumber) return Math.min(from, length);
  if (length === 0 || needle.length > length) return -1;
  if (from > length - needle.length) {
    if (isForward) return -1;
    from = length - needle.length;
  }
  if (step === 2 && (length < 2 || needle.length < 2)) return -1;
  const last = length - needle.length;
  const first = needle[0]!;
  const aligned = step === 2 ? from & ~1 : from;
  if (!isForward) {
    for (let at = aligned; at >= 0; at -= step) if (bytes[at] === first && matches(bytes, needle, at)) return at;
    return -1;
  }
  if (step === 2) {
    for (let at = aligned; at <= last; at += 2) if (bytes[at] === first && matches(bytes, needle, at)) return at;
    return -1;
  }
  for (let at = from; at <= last; at += 1) {
    // The engine finds single bytes faster.
    at = Uint8Array.prototype.indexOf.call(bytes, first, at);
    if (at < 0 || at > last) return -1;
    if (matches(bytes, needle, at)) return at;
  }
  return -1;
}

function matches(bytes: Uint8Array, needle: ArrayLike<number>, at: number): boolean {
  for (let index = 1; index < needle.length; index += 1) if (bytes[at + index] !== needle[index]) return false;
  return true;
}
