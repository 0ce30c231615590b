/** Answers 64 MiB in pieces of 64 KiB, each made when it is wanted. */
import type { Answer } from './call.ts';

const pieceBytes = 64 * 1_024;
const pieces = 1_024;

export function answer(): Answer {
  return makePieces();
}

function* makePieces(): Generator<Uint8Array<ArrayBuffer>> {
  for (let count = 0; count < pieces; count += 1) yield new Uint8Array(pieceBytes).fill(97 + (count % 26));
}
