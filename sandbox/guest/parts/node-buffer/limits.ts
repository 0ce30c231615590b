/** Bytes of the longest buffer. */
export const kMaxLength = 2 ** 31 - 1;
