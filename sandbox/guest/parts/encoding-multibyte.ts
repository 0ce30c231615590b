/** The decoders of GBK, GB 18030, Big5, EUC-JP, ISO-2022-JP, Shift_JIS and EUC-KR. */
import { TextDecoder } from '@exodus/bytes/encoding.js';

export function createDecoder(name: string, options: { fatal: boolean; ignoreBOM: boolean }): TextDecoder {
  return new TextDecoder(name, options);
}
