/** `crypto.Certificate`: signed public keys with a challenge, as the element `keygen` once made them. */
import { callable } from '../shared/callable.ts';
import { bytesOf, call, callForText, type NodeBuffer, toOutput } from './data.ts';

const types = 'of type string or an instance of ArrayBuffer, Buffer, TypedArray, or DataView';

function verifySpkac(spkac: unknown, encoding?: string): boolean {
  return callForText('certificate.spkac', ['verifySpkac'], bytesOf(spkac, encoding, 'spkac', types)) === '1';
}

function exportPublicKey(spkac: unknown, encoding?: string): NodeBuffer | string {
  return toOutput(call('certificate.spkac', ['exportPublicKey'], bytesOf(spkac, encoding, 'spkac', types)), undefined);
}

function exportChallenge(spkac: unknown, encoding?: string): NodeBuffer | string {
  return toOutput(call('certificate.spkac', ['exportChallenge'], bytesOf(spkac, encoding, 'spkac', types)), undefined);
}

export const Certificate = callable(
  class {
    static readonly verifySpkac = verifySpkac;
    static readonly exportPublicKey = exportPublicKey;
    static readonly exportChallenge = exportChallenge;
    readonly verifySpkac = verifySpkac;
    readonly exportPublicKey = exportPublicKey;
    readonly exportChallenge = exportChallenge;
  },
  'Certificate',
);
