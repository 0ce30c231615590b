/** From the keys of `crypto.subtle`, which the host keeps, to those of `node:crypto`, which the guest has, and back. */
import * as crypto from 'node:crypto';
import { describeKey, keyOf, parse } from './node-crypto.ts';
import { type HostHandles, OperationError, type OperationResult } from './operation.ts';
import { type CryptoKey, decodeArguments, describeCryptoKey, findCryptoKey } from './subtle.ts';

/**
 * What `KeyObject.from` makes. A key object shows what it is made of, so the key has to be extractable.
 *
 * @param text The number of the key.
 */
export function readCryptoKey(handles: HostHandles, text: string): OperationResult {
  const cryptoKey = findCryptoKey(handles, Number(text));
  if (!cryptoKey.extractable) {
    throw new OperationError('TypeError', 'the key is not extractable, and a key object shows what it is made of');
  }
  const key = crypto.KeyObject.from(cryptoKey);
  if (key.type === 'secret') return JSON.stringify({ type: 'secret', secret: key.export().toString('base64') });
  return describeKey(key);
}

/** @param text JSON of the type, PEM or the secret in Base64, the algorithm, whether it is extractable, and its usages. */
export function makeCryptoKey(handles: HostHandles, text: string): OperationResult {
  const [type, material, ...rest] = parse(text, undefined);
  const key =
    type === 'secret'
      ? crypto.createSecretKey(String(material), 'base64')
      : keyOf(type === 'private', { key: String(material) });
  const [algorithm, extractable, usages] = decodeArguments(handles, rest);
  const made = (key as unknown as { toCryptoKey(...args: unknown[]): CryptoKey }).toCryptoKey(
    algorithm,
    extractable,
    usages,
  );
  return JSON.stringify(describeCryptoKey(handles, made));
}
