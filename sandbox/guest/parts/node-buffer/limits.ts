/** Bytes of the longest buffer, as Node tells it: the engine has less, and the memory of the isolate far less. */
export const kMaxLength = Number.MAX_SAFE_INTEGER;
