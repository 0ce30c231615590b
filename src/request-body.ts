/** Reads request bodies: at most as much as the limit says, and no byte more than that is kept. */

export type BodyResult =
  | { readonly body: Uint8Array | null }
  | { readonly tooLarge: number }
  /** The host holds as many bytes as it may. */
  | { readonly noRoom: true }
  /** The connection broke, or the body could not be decoded. */
  | { readonly broken: unknown };

/** What the ways to receive a request have in common; a Node request and a web stream both are. */
export type BodySource = AsyncIterable<Uint8Array> | null;

/**
 * @param declared `Content-Length`, when there is one: a body that says itself that it is too large is not read at all.
 * @param take Asked before bytes are kept.
 */
export async function readRequestBody(
  source: BodySource,
  declared: number | undefined,
  maxBytes: number,
  take: (bytes: number) => boolean = () => true,
): Promise<BodyResult> {
  if (source === null) return { body: null };
  if (declared !== undefined && declared > maxBytes) return { tooLarge: declared };
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const chunk of source) {
      if (!(chunk instanceof Uint8Array)) throw new TypeError('a request body must consist of Uint8Array chunks');
      bytes += chunk.byteLength;
      if (bytes > maxBytes) return { tooLarge: bytes };
      if (!take(chunk.byteLength)) return { noRoom: true };
      chunks.push(chunk);
    }
  } catch (error) {
    return { broken: error };
  }
  return { body: chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, bytes) };
}
