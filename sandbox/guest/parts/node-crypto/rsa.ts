import { bytesOf, call, type NodeBuffer, toBase64, toOutput } from './data.ts';
import { pemOf } from './keys.ts';

interface RsaOptions {
  readonly padding?: number;
  readonly oaepHash?: string;
  readonly oaepLabel?: unknown;
  readonly encoding?: string;
}

function use(action: string, kind: 'private' | 'public', key: unknown, data: unknown): NodeBuffer {
  const { encoding, oaepHash, oaepLabel, padding } = (typeof key === 'object' && key !== null ? key : {}) as RsaOptions;
  const label = oaepLabel === undefined ? null : toBase64(bytesOf(oaepLabel, encoding, 'key.oaepLabel'));
  const args = [action, pemOf(kind, key), padding ?? null, oaepHash ?? null, label];
  return toOutput(call('rsa', args, bytesOf(data, encoding, 'buffer')), undefined) as NodeBuffer;
}

export function publicEncrypt(key: unknown, data: unknown): NodeBuffer {
  return use('publicEncrypt', 'public', key, data);
}

export function privateDecrypt(key: unknown, data: unknown): NodeBuffer {
  return use('privateDecrypt', 'private', key, data);
}

export function privateEncrypt(key: unknown, data: unknown): NodeBuffer {
  return use('privateEncrypt', 'private', key, data);
}

export function publicDecrypt(key: unknown, data: unknown): NodeBuffer {
  return use('publicDecrypt', 'public', key, data);
}
