/** Of a body without end, this much is read. */
const maxReadBytes = 3_000_000;
const keptCharacters = 1_000;

export interface ReadBody {
  /** Its beginning. */
  readonly text: string;
  /** `left`: it was so long that the rest was left. */
  readonly end: 'whole' | 'cut' | 'left';
}

/** Reads a body that may have no end. Never rejects. */
export async function readSome(body: string | Uint8Array | ReadableStream<Uint8Array> | null): Promise<ReadBody> {
  if (body === null) return { text: '', end: 'whole' };
  if (typeof body === 'string') return { text: body, end: 'whole' };
  if (body instanceof Uint8Array) return { text: Buffer.from(body).toString(), end: 'whole' };
  const reader = body.getReader();
  let text = '';
  let bytes = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return { text, end: 'whole' };
      bytes += value.length;
      if (text.length < keptCharacters) text += Buffer.from(value).toString();
      if (bytes < maxReadBytes) continue;
      await reader.cancel();
      return { text, end: 'left' };
    }
  } catch {
    // Cut off: how the invocation ended says why.
    return { text, end: 'cut' };
  }
}
